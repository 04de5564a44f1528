using System.Text.Json;
using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

public sealed class ConfigFieldsTests
{
    private static readonly JsonObject Lists = JsonNode
        .Parse(File.ReadAllText(GoldenFolder.Shipped("fields", "transformers-config.json")))!
        .AsObject();

    public static TheoryData<string> Families => [.. ModelFamilies.All.Select(family => family.ModelType)];

    [Theory, MemberData(nameof(Families))]
    public void Every_field_that_transformers_writes_has_a_rule(string family)
    {
        var table = ConfigFields.Of(family);
        Assert.All(Lists[family]!.AsArray(), name => Assert.NotNull(table.Find(name!.GetValue<string>())));
        Assert.All(
            table.Rules.Where(rule => rule.Use == FieldUse.WithoutEffect),
            rule => Assert.NotEqual("", rule.Reason)
        );
    }

    [Theory, MemberData(nameof(Families))]
    public void Every_obeyed_field_is_read(string family)
    {
        var whole = Written(family);
        // These speak where others are silent: alone they are read.
        string[] older = ["rotary_emb_base", "rotary_pct", "partial_rotary_factor", "rope_theta", "rope_scaling"];
        foreach (var rule in ConfigFields.Of(family).Rules.Where(rule => rule.Use == FieldUse.Obeyed))
        {
            var json = whole.DeepClone().AsObject();
            foreach (var name in older.Append("attention_layers").Except([rule.Name]))
                json.Remove(name);
            if (
                rule.Name is "max_window_layers" or "sliding_window" or "layer_types"
                && json.ContainsKey("use_sliding_window")
            )
            {
                json["use_sliding_window"] = true;
                json["sliding_window"] = 4;
                if (rule.Name == "max_window_layers")
                    json.Remove("layer_types");
            }

            if (rule.Name == "original_max_position_embeddings")
                json["rope_scaling"] = new JsonObject { ["rope_type"] = "longrope" };
            if (rule.Name == "attention_types")
                json.Remove("attention_layers");
            json[rule.Name] = new JsonObject { ["no"] = "such" };
            var line = Refusal.Of(() => Read(json), "config.json");
            var named = rule.Name is "rope_scaling" or "rope_parameters" ? "no" : rule.Name;
            Assert.Contains(named, line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_mixtral_is_written_with_its_experts_width_and_refused_where_the_layout_cannot_say_it()
    {
        var experts = new ExpertConfig
        {
            Count = 2,
            PerToken = 1,
            IntermediateSize = 40,
        };
        var config = DecoderConfig.TinyLlama(48, 16, 2, 2, 1, 24) with { Family = "mixtral", Experts = experts };
        Assert.Equal(40, Read(ModelFamilies.Write(config)).Experts!.IntermediateSize);
        foreach (var other in new[] { experts with { SharedIntermediateSize = 8 }, experts with { DenseLayers = [0] } })
        {
            var line = Refusal.Of(() => ModelFamilies.Write(config with { Experts = other }), "config.json");
            Assert.Contains("mixtral", line, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void A_refused_field_in_use_is_named_and_one_that_is_not_is_let_through(string family)
    {
        var json = Written(family);
        var expected = Read(json);
        foreach (var rule in ConfigFields.Of(family).Rules.Where(rule => rule.Use == FieldUse.Refused))
        {
            foreach (var unused in (JsonNode?[])[null, false, new JsonObject(), new JsonArray()])
            {
                json[rule.Name] = unused;
                Assert.Equivalent(expected, Read(json));
            }

            json[rule.Name] = new JsonObject { ["0"] = 1 };
            Refusal.Of(() => Read(json), "config.json", rule.Name);
            json.Remove(rule.Name);
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void A_field_of_no_effect_has_none(string family)
    {
        var json = Written(family);
        var expected = Read(json);
        foreach (var rule in ConfigFields.Of(family).Rules.Where(rule => rule.Use == FieldUse.WithoutEffect))
            json[rule.Name] = rule.Name == "num_key_value_heads" ? 1 : Anything();
        Assert.Equivalent(expected, Read(json));
    }

    [Fact]
    public void An_unknown_field_is_noticed_once_and_passed_over()
    {
        var json = Written("llama");
        json["warp_factor"] = 9;
        List<string> lines = [];
        void Hear(string line)
        {
            if (line.Contains("warp_factor", StringComparison.Ordinal))
                lines.Add(line);
        }

        Notices.Raised += Hear;
        try
        {
            Read(json);
            Read(json);
        }
        finally
        {
            Notices.Raised -= Hear;
        }

        Assert.Contains("config.json", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short_mscale")]
    [InlineData("full_attention")]
    [InlineData("mrope_section")]
    public void A_rotary_field_that_nobody_knows_is_refused(string name)
    {
        var json = Written("llama");
        json["rope_scaling"] = new JsonObject { ["rope_type"] = "default", [name] = new JsonArray(1) };
        Refusal.Of(() => Read(json), "config.json", name, "rope_scaling");
    }

    [Fact]
    public void Zero_stands_for_a_rotary_field_that_is_not_set()
    {
        var json = Written("llama");
        var plain = new JsonObject { ["rope_type"] = "yarn", ["factor"] = 4.0 };
        json["rope_scaling"] = plain.DeepClone();
        var expected = Read(json).RopeScaling;
        foreach (
            var name in (string[])
                [
                    "mscale",
                    "mscale_all_dim",
                    "beta_fast",
                    "beta_slow",
                    "attention_factor",
                    "original_max_position_embeddings",
                ]
        )
            plain[name] = 0;
        json["rope_scaling"] = plain;
        Assert.Equivalent(expected, Read(json).RopeScaling);
        plain["beta_fast"] = -1;
        Refusal.Of(() => Read(json), "beta_fast");
    }

    [Fact]
    public void A_token_of_minus_one_is_none()
    {
        var json = Written("llama");
        json["pad_token_id"] = -1;
        json["bos_token_id"] = -1;
        json["eos_token_id"] = new JsonArray(-1, 5);
        var config = Read(json);
        Assert.Null(config.PadTokenId);
        Assert.Null(config.BosTokenId);
        Assert.Equal([5], config.EosTokenIds);
        json["pad_token_id"] = -2;
        Refusal.Of(() => Read(json), "config.json", "pad_token_id", "-2");
    }

    [Fact]
    public void Kinds_of_attention_that_stand_in_groups_alone_are_unfolded()
    {
        var json = Written("gpt_neo");
        json["num_layers"] = 4;
        json.Remove("attention_layers");
        json["attention_types"] = JsonNode.Parse("""[[["global", "local"], 1], [["local"], 2]]""");
        Assert.Equal([1, 2, 3], Read(json).WindowedLayers);
        json["attention_types"] = JsonNode.Parse("""[[["global"], 3]]""");
        Refusal.Of(() => Read(json), "attention_layers");
    }

    [Fact]
    public void Gemma_2_reads_its_activation_under_its_own_name_alone()
    {
        var json = Written("gemma2");
        json.Remove("hidden_activation");
        json["hidden_act"] = "relu";
        Assert.Equal(Activation.GeluTanh, Read(json).Activation);
    }

    private static JsonArray Anything() => new JsonArray("anything", 7);

    private static DecoderConfig Read(JsonObject json)
    {
        using var document = JsonDocument.Parse(json.ToJsonString());
        return ModelFamilies.Read(document.RootElement, "config.json");
    }

    private static JsonObject Written(string family)
    {
        var config = DecoderConfig.TinyLlama(40, 16, 2, 2, 2, 32, 32) with { Family = family };
        if (family is "mixtral" or "olmoe" or "qwen2_moe")
            config = config with
            {
                Experts = new()
                {
                    Count = 4,
                    PerToken = 2,
                    IntermediateSize = 16,
                    SharedIntermediateSize = family is "qwen2_moe" ? 8 : 0,
                },
            };
        if (family is "gemma2")
            config = config with { AttentionScale = 0.25, SlidingWindow = 8, WindowedLayers = [0] };
        if (family is "gpt_neo")
            config = config with { SlidingWindow = 8, WindowedLayers = [1] };
        return ModelFamilies.Write(config);
    }
}
