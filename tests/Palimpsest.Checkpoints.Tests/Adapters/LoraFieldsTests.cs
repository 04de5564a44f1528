using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class LoraFieldsTests : IDisposable
{
    private const string Config = "adapter_config.json";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_field_of_PEFT_s_LoraConfig_has_a_rule()
    {
        var names = JsonNode
            .Parse(File.ReadAllText(GoldenFolder.Shipped("fields", "peft-lora-config.json")))!
            .AsArray();
        Assert.All(names, name => Assert.NotNull(LoraFields.Table.Find(name!.GetValue<string>())));
    }

    [Fact]
    public void Every_obeyed_field_is_read()
    {
        using var model = Saved();
        foreach (var rule in LoraFields.Table.Rules.Where(rule => rule.Use == FieldUse.Obeyed))
        {
            using var undo = new Restored(_folder.File(Config));
            Set(rule.Name, new JsonArray(new JsonArray(1)));
            Refusal.Of(
                () =>
                {
                    _ = AdapterInfo.Read(_folder.Path);
                    LoraAdapter.Load(model, _folder.Path);
                },
                Config,
                rule.Name
            );
        }
    }

    [Fact]
    public void A_refused_field_in_use_is_named()
    {
        using var model = Saved();
        foreach (var rule in LoraFields.Table.Rules.Where(rule => rule.Use == FieldUse.Refused))
        {
            using var undo = new Restored(_folder.File(Config));
            Set(rule.Name, new JsonArray(1));
            Refusal.Of(() => LoraAdapter.Load(model, _folder.Path), Config, rule.Name);
            Set(rule.Name, new JsonArray());
            LoraAdapter.Load(model, _folder.Path).Dispose();
        }
    }

    [Fact]
    public void A_field_of_no_effect_has_none_and_one_that_nobody_knows_is_refused()
    {
        using var model = Saved();
        foreach (var rule in LoraFields.Table.Rules.Where(rule => rule.Use == FieldUse.WithoutEffect))
            Set(rule.Name, new JsonArray("anything"));
        LoraAdapter.Load(model, _folder.Path).Dispose();
        Set("use_warp", true);
        Refusal.Of(() => LoraAdapter.Load(model, _folder.Path), Config, "use_warp");
        Set("use_warp", false);
        LoraAdapter.Load(model, _folder.Path).Dispose();
    }

    [Theory]
    [InlineData("\"pissa\"", false)]
    [InlineData("\"pissa_niter_16\"", false)]
    [InlineData("\"olora\"", false)]
    [InlineData("\"corda\"", false)]
    [InlineData("\"loftq\"", false)]
    [InlineData("\"lora_ga\"", false)]
    [InlineData("\"something later\"", false)]
    [InlineData("\"gaussian\"", true)]
    [InlineData("\"eva\"", true)]
    [InlineData("\"orthogonal\"", true)]
    [InlineData("\"mica\"", true)]
    [InlineData("true", true)]
    [InlineData("false", true)]
    [InlineData("null", true)]
    public void A_start_that_changed_the_base_is_refused(string value, bool isPlain)
    {
        using var model = Saved();
        Set("init_lora_weights", JsonNode.Parse(value));
        if (isPlain)
            LoraAdapter.Load(model, _folder.Path).Dispose();
        else
            Refusal.Of(() => LoraAdapter.Load(model, _folder.Path), Config, "init_lora_weights", value.Trim('"'));
    }

    [Fact]
    public void An_adapter_on_a_residual_weight_is_refused_and_not_taken_for_a_plain_one()
    {
        using var model = Golden();
        Refusal.Of(
            () => LoraAdapter.Load(model, GoldenFolder.Shipped("cases", "peft-pissa", "adapter")),
            Config,
            "init_lora_weights",
            "pissa"
        );
    }

    [Fact]
    public void Copies_of_the_base_s_weights_change_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = Golden();
        foreach (var kind in (string[])["without", "with"])
        {
            using var adapter = LoraAdapter.Load(model, GoldenFolder.Shipped("cases", "peft-lm-head-base-layer", kind));
            var logits = model.Forward(new() { TokenIds = tensor(new long[] { 1, 5, 9 }).unsqueeze(0) }).Logits!;
            float[] expected = [-0.008710f, -0.495877f, 0.016885f, -0.040252f];
            var actual = logits[0, 2].data<float>().ToArray();
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 2e-6f));
        }
    }

    [Theory]
    [InlineData("model.embed_tokens.weight")]
    [InlineData("lm_head.weight")]
    [InlineData("lm_head.base_layer.weight")]
    public void Saved_embeddings_are_let_through_where_they_are_the_base_s(string name)
    {
        using var scope = NewDisposeScope();
        foreach (var tied in (bool[])[true, false])
        {
            using var model = Saved(tied);
            var own = model
                .ParameterRefs.First(r =>
                    r.Name
                    == (tied ? "model.embed_tokens.weight" : name.Replace(".base_layer", "", StringComparison.Ordinal))
                )
                .Value();
            foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
            {
                Add(name, own.detach().to(type));
                LoraAdapter.Load(model, _folder.Path).Dispose();
                ModelFolder.Save(model, _folder.File("base"));
                ModelConverter.Run(_folder.File("base"), _folder.File("merged"), new(), [_folder.Path]);
            }

            Add(name, own.detach() + 1e-3);
            Refusal.Of(
                () => LoraAdapter.Load(model, _folder.Path),
                "adapter_model.safetensors",
                name,
                "not the base's"
            );
            Add(name, cat([own.detach(), own.detach()], 0));
            Refusal.Of(() => LoraAdapter.Load(model, _folder.Path), name, "vocabulary");
        }
    }

    [Theory]
    [InlineData("[\"v_proj\"]", "[\"q_proj\", \"v_proj\"]", "q_proj")]
    [InlineData("\".*layers\\\\.0\\\\..*\"", "[\"q_proj\"]", "layers.1.self_attn.q_proj")]
    [InlineData("null", "\".*\\\\.(?P<kind>q|v)_proj\"", "_proj")]
    public void Excluded_modules_are_left_as_they_are(string excluded, string targets, string ends)
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(40, 16, 2, 2, 1, 32), 3);
        var options = new LoraOptions { Rank = 2, TargetModules = ["q_proj", "v_proj"] };
        using (var adapter = LoraAdapter.Attach(model, "a", options, 5))
            adapter.Save(_folder.Path);
        var wanted = model.Projections.Where(p => p.Path.EndsWith(ends, StringComparison.Ordinal)).Select(p => p.Path);
        if (ends == "_proj")
            wanted = model.Projections.Where(p => p.Name is "q_proj" or "v_proj").Select(p => p.Path);
        Keep([.. wanted]);
        Set("exclude_modules", JsonNode.Parse(excluded));
        Set("target_modules", JsonNode.Parse(targets));
        using var loaded = LoraAdapter.Load(model, _folder.Path);
        Assert.Equal(
            wanted.Order(StringComparer.Ordinal),
            loaded
                .ParameterRefs.Select(p =>
                    p.Name["base_model.model.".Length..p.Name.IndexOf(".lora", StringComparison.Ordinal)]
                )
                .Distinct()
                .Order(StringComparer.Ordinal)
        );
        loaded.Save(_folder.File("again"));
        using var twice = LoraAdapter.Load(model, _folder.File("again"));
        Assert.Equal(loaded.ParameterRefs.Select(p => p.Name), twice.ParameterRefs.Select(p => p.Name));
    }

    [Fact]
    public void An_adapter_that_leaves_modules_out_says_so_in_its_file()
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(40, 16, 2, 2, 1, 32), 3);
        var options = new LoraOptions
        {
            TargetModules = ["q_proj", "v_proj"],
            ExcludedModules = ["v_proj"],
            Layers = [1],
            LayersPattern = ["layers"],
        };
        using (var adapter = LoraAdapter.Attach(model, "a", options, 5))
        {
            Assert.Equal(2, adapter.ParameterRefs.Count);
            adapter.Save(_folder.Path);
        }

        using var loaded = LoraAdapter.Load(model, _folder.Path);
        Assert.Equal(["v_proj"], loaded.Options.ExcludedModules);
        Assert.Equal(["layers"], loaded.Options.LayersPattern);
        Assert.All(
            loaded.ParameterRefs,
            p => Assert.Contains("layers.1.self_attn.q_proj", p.Name, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Layers_are_counted_in_the_list_that_is_named_and_an_empty_list_of_them_is_none()
    {
        using var model = Saved();
        Set("layers_pattern", "h");
        Set("layers_to_transform", new JsonArray(0));
        Refusal.Of(() => LoraAdapter.Load(model, _folder.Path), "belongs to no module");
        Set("layers_pattern", new JsonArray("layers"));
        LoraAdapter.Load(model, _folder.Path).Dispose();
        Set("layers_pattern", null);
        Set("layers_to_transform", new JsonArray());
        LoraAdapter.Load(model, _folder.Path).Dispose();
    }

    [Fact]
    public void A_module_that_is_stored_whole_is_not_adapted_on_top()
    {
        using var model = Golden();
        var options = new LoraOptions { TargetModules = ["q_proj", "lm_head"], ModulesToSave = ["lm_head"] };
        using var adapter = LoraAdapter.Attach(model, "a", options, 1);
        Assert.DoesNotContain(adapter.ParameterRefs, p => p.Name.Contains("lm_head.lora", StringComparison.Ordinal));
        Assert.Contains(adapter.ParameterRefs, p => p.Name.EndsWith("lm_head.weight", StringComparison.Ordinal));
    }

    private static CausalLM Golden() => ModelFolder.Load(GoldenFolder.Shipped("models", "llama"));

    private CausalLM Saved(bool tied = false)
    {
        var model = new CausalLM(DecoderConfig.TinyLlama(40, 16, 1, 2, 1, 32) with { TiedHead = tied }, 3);
        using var adapter = LoraAdapter.Attach(model, "a", new() { Rank = 2, TargetModules = ["q_proj"] }, 5);
        adapter.Save(_folder.Path);
        return model;
    }

    private void Set(string field, JsonNode? value)
    {
        var json = JsonNode.Parse(File.ReadAllText(_folder.File(Config)))!.AsObject();
        json[field] = value;
        File.WriteAllText(_folder.File(Config), json.ToJsonString());
    }

    private void Add(string name, Tensor value) =>
        Rewrite(old =>
            old.Where(t => t.Name.Contains("lora_", StringComparison.Ordinal))
                .Append(($"base_model.model.{name}", value))
        );

    private void Keep(string[] paths) =>
        Rewrite(old => old.Where(t => paths.Any(path => t.Name.Contains("." + path + ".", StringComparison.Ordinal))));

    private void Rewrite(Func<IEnumerable<(string Name, Tensor Value)>, IEnumerable<(string, Tensor)>> change)
    {
        (string, Tensor)[] tensors;
        using (var file = SafetensorsFile.Open(_folder.File("adapter_model.safetensors")))
            tensors = [.. change(file.Names.Select(name => (name, file.Read(name))))];
        SafetensorsFile.Write(_folder.File("adapter_model.safetensors"), tensors);
    }

    private sealed class Restored(string path) : IDisposable
    {
        private readonly byte[] _content = File.ReadAllBytes(path);

        public void Dispose() => File.WriteAllBytes(path, _content);
    }
}
