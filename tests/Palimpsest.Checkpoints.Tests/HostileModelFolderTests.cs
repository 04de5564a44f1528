using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

/// <summary>Model folders with something wrong in config.json, in the index or in the weights.</summary>
public sealed class HostileModelFolderTests : IDisposable
{
    private const string Config = "config.json";
    private const string Weights = "model.safetensors";
    private const string Index = "model.safetensors.index.json";

    private static readonly DecoderConfig Tiny = DecoderConfig.TinyLlama(40, 16, 2, 2, 1, 32, 32);

    private static readonly Dictionary<string, (Action<TemporaryFolder> Spoil, string[] Words)> Folders = new()
    {
        ["no config"] = (f => File.Delete(f.File(Config)), [Config]),
        ["an empty config"] = (f => File.WriteAllText(f.File(Config), ""), [Config, "not JSON"]),
        ["half a config"] = (
            f => File.WriteAllText(f.File(Config), File.ReadAllText(f.File(Config))[..50]),
            [Config, "not JSON"]
        ),
        ["a config that is a list"] = (f => File.WriteAllText(f.File(Config), "[]"), [Config, "allowed is an object"]),
        ["a config nested without end"] = (
            f => File.WriteAllText(f.File(Config), string.Concat(Enumerable.Repeat("{\"a\":", 9999))),
            [Config, "not JSON"]
        ),
        ["a config of a gigabyte"] = (f => Grow(f.File(Config), 1L << 30), [Config, "1073741824 bytes"]),
        ["no model type"] = (f => Set(f, "model_type", null), [Config, "'model_type' is missing"]),
        ["an unknown model type"] = (f => Set(f, "model_type", "abacus"), [Config, "'abacus'", "llama", "qwen3"]),
        ["a model type of two lines"] = (f => Set(f, "model_type", "a\nb"), [Config, "'a b'"]),
        ["a model type that is a number"] = (f => Set(f, "model_type", 3), [Config, "model_type", "a string"]),
        ["a model type that is half a character"] = (f => Edit(f, "\"llama\"", "\"\\ud800\""), [Config, "Unicode"]),
        ["no hidden size"] = (f => Set(f, "hidden_size", null), [Config, "hidden_size"]),
        ["a hidden size of text"] = (f => Set(f, "hidden_size", "16"), [Config, "hidden_size", "whole number"]),
        ["a hidden size of zero"] = (f => Set(f, "hidden_size", 0), [Config, "hidden_size", "is 0"]),
        ["a negative number of layers"] = (f => Set(f, "num_hidden_layers", -2), [Config, "num_hidden_layers", "-2"]),
        ["layers beyond 32 bits"] = (f => Set(f, "num_hidden_layers", 1L << 40), [Config, "num_hidden_layers"]),
        ["heads that do not divide"] = (
            f => SetAll(f, ("num_attention_heads", 3), ("head_dim", null)),
            [Config, "3 heads"]
        ),
        ["key-value heads that do not divide"] = (f => Set(f, "num_key_value_heads", 4), [Config, "4 key-value heads"]),
        ["an odd rotary size"] = (f => Set(f, "head_dim", 7), [Config, "even"]),
        ["an unknown activation"] = (f => Set(f, "hidden_act", "tangent"), [Config, "tangent", "silu"]),
        ["a negative epsilon"] = (f => Set(f, "rms_norm_eps", -1), [Config, "rms_norm_eps"]),
        ["a rotary base of zero"] = (f => Set(f, "rope_theta", 0), [Config, "rope_theta"]),
        ["an unknown rotary scaling"] = (
            f => Set(f, "rope_scaling", new JsonObject { ["rope_type"] = "spiral", ["factor"] = 2 }),
            [Config, "spiral", "yarn"]
        ),
        ["rotary scaling that is a number"] = (f => Set(f, "rope_scaling", 2), [Config, "rope_scaling"]),
        ["end tokens of text"] = (f => Set(f, "eos_token_id", "two"), [Config, "eos_token_id"]),
        ["a flag of text"] = (f => Set(f, "tie_word_embeddings", "yes"), [Config, "tie_word_embeddings"]),
        ["a claimed vocabulary of 16 million"] = (f => Set(f, "vocab_size", 1 << 24), [Config, "16777216 ids"]),
        ["a claimed model of exabytes"] = (
            f => SetAll(f, ("hidden_size", 1 << 24), ("vocab_size", 1 << 24), ("head_dim", 1 << 20)),
            [Config, "the weight files hold"]
        ),
        ["claimed heads of gigabytes"] = (
            f => SetAll(f, ("num_attention_heads", 1 << 22), ("head_dim", 1 << 10)),
            [Config, "queries"]
        ),
        ["a claimed width of the MLP of terabytes"] = (
            f => Set(f, "intermediate_size", 1 << 24),
            [Config, "MLPs of 16777216"]
        ),
        ["claimed layers of millions"] = (f => Set(f, "num_hidden_layers", 1 << 24), [Config, "16777216 layers"]),
        ["experts of terabytes"] = (
            f => SetAll(f, ("model_type", "mixtral"), ("num_local_experts", 1 << 24)),
            [Config, "16777216 experts"]
        ),
        ["more experts per token than there are"] = (
            f => SetAll(f, ("model_type", "mixtral"), ("num_local_experts", 2), ("num_experts_per_tok", 3)),
            [Config, "num_experts_per_tok"]
        ),
        ["no weights"] = (f => File.Delete(f.File(Weights)), ["neither", Weights]),
        ["weights of another size"] = (
            f => Set(f, "intermediate_size", 24),
            [Weights, "mlp.", "the model needs", "24"]
        ),
        ["weights of fewer layers"] = (f => Set(f, "num_hidden_layers", 3), ["model.layers.2", "missing"]),
        ["weights of more layers"] = (
            f => Set(f, "num_hidden_layers", 1),
            [Weights, "model.layers.1", "is not a weight of a llama model"]
        ),
        ["weights of another family"] = (f => Set(f, "model_type", "qwen3"), ["k_norm", "missing"]),
        ["a weight that is NaN"] = (
            f => Change(f, "model.norm.weight", w => w.fill_(double.NaN)),
            [Weights, "model.norm.weight", "NaN"]
        ),
        ["one infinity in a weight"] = (
            f => Change(f, "model.embed_tokens.weight", w => w[3, 4].fill_(double.NegativeInfinity)),
            [Weights, "model.embed_tokens.weight", "infinity"]
        ),
        ["a weight of whole numbers"] = (
            f => Replace(f, "model.norm.weight", w => w.to(ScalarType.Int32)),
            [Weights, "model.norm.weight", "Int32"]
        ),
        ["a weight with a dimension more"] = (
            f => Replace(f, "model.norm.weight", w => w.unsqueeze(0)),
            [Weights, "model.norm.weight", "[1, 16]", "[16]"]
        ),
        ["a weight left out"] = (
            f => Replace(f, "model.norm.weight", _ => null),
            ["model.norm.weight", "missing (1 of"]
        ),
        ["a weight under two names"] = (f => Add(f, "norm.weight", ones(16)), [Weights, "norm.weight", "twice"]),
        ["a tensor of nobody"] = (f => Add(f, "model.extra", ones(1)), [Weights, "model.extra", "is not a weight"]),
        ["weights cut off"] = (f => Cut(f.File(Weights)), [Weights]),
        ["an index that is no JSON"] = (f => File.WriteAllText(f.File(Index), "{"), [Index, "not JSON"]),
        ["an index that is a list"] = (f => File.WriteAllText(f.File(Index), "[]"), [Index, "weight_map"]),
        ["an index without a map"] = (
            f => File.WriteAllText(f.File(Index), "{\"weight_map\":7}"),
            [Index, "weight_map"]
        ),
        ["an index to a missing file"] = (
            f =>
            {
                Map(f, "a", "other.safetensors");
                File.Delete(f.File(Weights));
            },
            [Index, "other.safetensors", "missing"]
        ),
        ["an index that leaves the folder"] = (
            f => Map(f, "a", "../model.safetensors"),
            [Index, "../model.safetensors", "same folder"]
        ),
        ["an index to an absolute path"] = (f => Map(f, "a", "/etc/passwd"), [Index, "/etc/passwd"]),
        ["an index to a file of another kind"] = (
            f => Map(f, "a", "config.json"),
            [Index, "config.json", ".safetensors"]
        ),
        ["an index to a number"] = (
            f => File.WriteAllText(f.File(Index), "{\"weight_map\":{\"a\\nb\":1}}"),
            [Index, "'a b'"]
        ),
        ["an index of half a character"] = (
            f => File.WriteAllText(f.File(Index), "{\"weight_map\":{\"a\":\"\\ud800\"}}"),
            [Index, "Unicode"]
        ),
        ["an empty index"] = (f => File.WriteAllText(f.File(Index), "{\"weight_map\":{}}"), [Index, "no tensor"]),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Folders.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Names))]
    public void It_is_refused_in_one_line(string name)
    {
        using (var model = new CausalLM(Tiny, 3))
            ModelFolder.Save(model, _folder.Path);
        using (NewDisposeScope())
            Folders[name].Spoil(_folder);
        Refusal.Of(() => ModelFolder.Load(_folder.Path).Dispose(), [_folder.Path, .. Folders[name].Words]);
    }

    [Fact]
    public void The_folder_that_is_spoilt_here_loads_when_it_is_not_and_a_missing_one_is_named()
    {
        using (var model = new CausalLM(Tiny, 3))
            ModelFolder.Save(model, _folder.Path);
        using var loaded = ModelFolder.Load(_folder.Path);
        Assert.Equal(Tiny.Layers, loaded.Config.Layers);
        Refusal.Of(() => ModelFolder.Load(_folder.File("none")), "none", "does not exist");
    }

    private static void Edit(TemporaryFolder folder, string old, string text) =>
        File.WriteAllText(
            folder.File(Config),
            File.ReadAllText(folder.File(Config)).Replace(old, text, StringComparison.Ordinal)
        );

    private static void Set(TemporaryFolder folder, string field, JsonNode? value) => SetAll(folder, (field, value));

    private static void SetAll(TemporaryFolder folder, params (string Field, JsonNode? Value)[] changes)
    {
        var json = JsonNode.Parse(File.ReadAllText(folder.File(Config)))!.AsObject();
        foreach (var (field, value) in changes)
            json[field] = value?.DeepClone();
        File.WriteAllText(folder.File(Config), json.ToJsonString());
    }

    private static void Map(TemporaryFolder folder, string tensor, string file) =>
        File.WriteAllText(
            folder.File(Index),
            new JsonObject { ["weight_map"] = new JsonObject { [tensor] = file } }.ToJsonString()
        );

    private static void Change(TemporaryFolder folder, string name, Action<Tensor> change) =>
        Replace(
            folder,
            name,
            weight =>
            {
                change(weight);
                return weight;
            }
        );

    private static void Replace(TemporaryFolder folder, string name, Func<Tensor, Tensor?> change)
    {
        Rewrite(folder, Changed);

        IEnumerable<(string, Tensor)> Changed(IEnumerable<(string Name, Tensor Value)> tensors)
        {
            var found = false;
            foreach (var tensor in tensors)
            {
                var isMeant = tensor.Name == name;
                found |= isMeant;
                if ((isMeant ? change(tensor.Value) : tensor.Value) is { } value)
                    yield return (tensor.Name, value);
            }

            Assert.True(found, name);
        }
    }

    private static void Add(TemporaryFolder folder, string name, Tensor value) =>
        Rewrite(folder, tensors => tensors.Append((name, value)));

    private static void Rewrite(
        TemporaryFolder folder,
        Func<IEnumerable<(string Name, Tensor Value)>, IEnumerable<(string, Tensor)>> change
    )
    {
        (string, Tensor)[] tensors;
        using (var file = SafetensorsFile.Open(folder.File(Weights)))
            tensors = [.. change(file.Names.Select(name => (name, file.Read(name))))];
        SafetensorsFile.Write(folder.File(Weights), tensors);
    }

    private static void Cut(string path)
    {
        using var stream = File.OpenWrite(path);
        stream.SetLength(stream.Length - 4);
    }

    private static void Grow(string path, long bytes)
    {
        using var stream = File.OpenWrite(path);
        stream.SetLength(bytes);
    }
}
