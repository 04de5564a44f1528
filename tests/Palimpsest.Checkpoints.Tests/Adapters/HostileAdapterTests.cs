using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

/// <summary>PEFT folders with something wrong in adapter_config.json or in the tensors.</summary>
public sealed class HostileAdapterTests : IDisposable
{
    private const string Config = "adapter_config.json";
    private const string Weights = "adapter_model.safetensors";
    private const string Down = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";

    private static readonly Dictionary<string, (Action<TemporaryFolder> Spoil, string[] Words)> Folders = new()
    {
        ["no config"] = (f => File.Delete(f.File(Config)), [Config, "no such file"]),
        ["a config that is no JSON"] = (f => File.WriteAllText(f.File(Config), "{\"r\":"), [Config, "not valid JSON"]),
        ["a config that is a list"] = (f => File.WriteAllText(f.File(Config), "[]"), [Config, "not an object"]),
        ["a config of many megabytes"] = (
            f => File.WriteAllText(f.File(Config), new string(' ', 5 << 20)),
            [Config, "at most"]
        ),
        ["another kind of adapter"] = (f => Set(f, "peft_type", "IA3"), [Config, "IA3", "LORA"]),
        ["trained biases"] = (f => Set(f, "bias", "all"), [Config, "all", "none"]),
        ["no rank"] = (f => Set(f, "r", null), [Config, "r:"]),
        ["a rank of zero"] = (f => Set(f, "r", 0), [Config, "r:", "'0'"]),
        ["a rank of billions"] = (f => Set(f, "r", 1 << 30), [Config, "r:"]),
        ["a rank that the tensors do not have"] = (f => Set(f, "r", 3), [Weights, "[2, 16]", "[3, 16]"]),
        ["no alpha"] = (f => Set(f, "lora_alpha", null), [Config, "lora_alpha"]),
        ["a negative alpha"] = (f => Set(f, "lora_alpha", -1), [Config, "Alpha"]),
        ["no targets"] = (f => Set(f, "target_modules", null), [Config, "target_modules"]),
        ["targets that the model lacks"] = (
            f => Set(f, "target_modules", new JsonArray("c_attn")),
            [Config, "c_attn", "q_proj"]
        ),
        ["targets by a broken pattern"] = (f => Set(f, "target_modules", "(q_proj"), [Config, "regular expression"]),
        ["targets that are numbers"] = (f => Set(f, "target_modules", new JsonArray(1)), [Config, "target_modules[0]"]),
        ["saved modules that the model lacks"] = (
            f => Set(f, "modules_to_save", new JsonArray("classifier")),
            [Config, "classifier"]
        ),
        ["a rank pattern that is broken"] = (
            f => Set(f, "rank_pattern", new JsonObject { ["("] = 2 }),
            [Config, "rank_pattern", "regular expression"]
        ),
        ["a rank pattern of text"] = (
            f => Set(f, "rank_pattern", new JsonObject { ["q_proj"] = "two" }),
            [Config, "rank_pattern", "q_proj"]
        ),
        ["a rank pattern with one name twice"] = (
            f => Edit(f, "\"rank_pattern\":{}", "\"rank_pattern\":{\"a\":1,\"a\":2}"),
            [Config]
        ),
        ["no tensors"] = (f => File.Delete(f.File(Weights)), [Weights, "cannot be read"]),
        ["tensors cut off"] = (
            f => File.WriteAllBytes(f.File(Weights), File.ReadAllBytes(f.File(Weights))[..^4]),
            [Weights]
        ),
        ["a tensor left out"] = (f => Rewrite(f, t => t.Name == Down ? null : t.Value), [Weights, Down, "missing"]),
        ["a tensor of another shape"] = (
            f => Rewrite(f, t => t.Name == Down ? t.Value.t().contiguous() : t.Value),
            [Weights, Down, "[16, 2]"]
        ),
        ["a tensor that is NaN"] = (
            f => Rewrite(f, t => t.Name == Down ? full_like(t.Value, double.NaN) : t.Value),
            [Weights, Down, "NaN"]
        ),
        ["a tensor of whole numbers"] = (
            f => Rewrite(f, t => t.Name == Down ? t.Value.to(ScalarType.Int64) : t.Value),
            [Weights, Down, "Int64"]
        ),
        ["tensors that the config does not name"] = (
            f => Set(f, "target_modules", new JsonArray("q_proj")),
            [Weights, "v_proj", "belongs to no module"]
        ),
        ["no magnitudes where the config has them"] = (
            f => Set(f, "use_dora", true),
            [Weights, "lora_magnitude_vector", "missing"]
        ),
        ["a flag of text"] = (f => Set(f, "use_rslora", "no"), [Config, "use_rslora"]),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Folders.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Names))]
    public void It_is_refused_in_one_line_and_the_model_stays_without_adapter(string name)
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(DecoderConfig.TinyLlama(40, 16, 1, 2, 1, 32), 3);
        using (
            var adapter = LoraAdapter.Attach(model, "a", new() { Rank = 2, TargetModules = ["q_proj", "v_proj"] }, 5)
        )
            adapter.Save(_folder.Path);
        Folders[name].Spoil(_folder);
        Refusal.Of(() => LoraAdapter.Load(model, _folder.Path), [_folder.Path, .. Folders[name].Words]);
        Assert.Empty(model.Attachments);
        Assert.DoesNotContain(model.Projections, p => p.Projection.HasActiveDeltas);
    }

    private static void Set(TemporaryFolder folder, string field, JsonNode? value)
    {
        var json = JsonNode.Parse(File.ReadAllText(folder.File(Config)))!.AsObject();
        json[field] = value?.DeepClone();
        File.WriteAllText(folder.File(Config), json.ToJsonString());
    }

    private static void Edit(TemporaryFolder folder, string old, string text)
    {
        var json = JsonNode.Parse(File.ReadAllText(folder.File(Config)))!.ToJsonString();
        Assert.Contains(old, json, StringComparison.Ordinal);
        File.WriteAllText(folder.File(Config), json.Replace(old, text, StringComparison.Ordinal));
    }

    private static void Rewrite(TemporaryFolder folder, Func<(string Name, Tensor Value), Tensor?> change)
    {
        (string, Tensor)[] tensors;
        using (var file = SafetensorsFile.Open(folder.File(Weights)))
        {
            tensors =
            [
                .. file
                    .Names.Select(name => (Name: name, Value: file.Read(name)))
                    .Select(t => (t.Name, Value: change(t)))
                    .Where(t => t.Value is not null)
                    .Select(t => (t.Name, t.Value!)),
            ];
        }

        SafetensorsFile.Write(folder.File(Weights), tensors);
    }
}
