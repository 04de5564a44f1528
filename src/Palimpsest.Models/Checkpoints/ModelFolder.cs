using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>Reads and writes Hugging Face model folders.</summary>
public static class ModelFolder
{
    private const string ConfigName = "config.json";
    private const string WeightsName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";
    private const long MaxJsonBytes = 64 << 20;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    /// <summary>Loads config.json and the weights, single or sharded, converted to float32 one tensor at a time.</summary>
    /// <param name="folder">A folder with config.json and model.safetensors or its index.</param>
    /// <param name="device">Where the weights go; the CPU by default.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InputException">The folder, a file, a tensor or a field is missing or does not fit.</exception>
    public static CausalLM Load(
        string folder, Device? device = null, IProgress<TaskProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var model = CausalLM.WithoutWeights(ReadConfig(folder), device);
        try
        {
            var missing = model.ExpectedWeights.Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
            long total = missing.Count, done = 0;
            foreach (var file in WeightFiles(folder))
            {
                using var weights = SafetensorsFile.Open(file);
                foreach (var name in weights.Names)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (model.WeightName(name) is { } known && !missing.Remove(known))
                        throw new InputException($"{file}: tensor '{name}' is there twice.");
                    Import(model, weights, name, file);
                    progress?.Report(new("Loading weights", Math.Min(++done, total), total));
                }
            }

            if (missing.Count > 0)
            {
                throw new InputException(
                    $"{folder}: tensor '{missing.Order(StringComparer.Ordinal).First()}' is missing ({missing.Count} of {total} are).");
            }

            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Writes config.json, generation_config.json and the weights so that transformers would read them.</summary>
    /// <param name="model">Active adapters are merged into what is written.</param>
    /// <param name="folder">Made when it is not there.</param>
    /// <param name="dtype">Float type of the stored weights; float32 by default.</param>
    /// <param name="maxShardBytes">Most bytes per file; more are split, with an index.</param>
    /// <exception cref="InputException">A file cannot be written.</exception>
    public static void Save(CausalLM model, string folder, ScalarType? dtype = null, long maxShardBytes = 5_000_000_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardBytes);
        var type = dtype ?? ScalarType.Float32;
        if (model.Projections.Any(p => p.Projection.HasActiveDeltas))
        {
            using var merged = model.CloneFrozen();
            Save(merged, folder, dtype, maxShardBytes);
            return;
        }

        Directory.CreateDirectory(folder);
        WriteWeights(model, folder, type, maxShardBytes);
        var config = ModelFamilies.Write(model.Config);
        config["torch_dtype"] = Name(type);
        AtomicFile.WriteText(Path.Combine(folder, "generation_config.json"), Generation(config).ToJsonString(Indented));
        AtomicFile.WriteText(Path.Combine(folder, ConfigName), config.ToJsonString(Indented));
    }

    /// <summary>Reads config.json alone.</summary>
    /// <exception cref="InputException">The folder or the file is missing, or a field does not fit.</exception>
    public static DecoderConfig ReadConfig(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException($"{folder}: the model folder does not exist.");
        var path = Path.Combine(folder, ConfigName);
        using var document = ReadJson(path);
        return ModelFamilies.Read(document.RootElement, path);
    }

    private static void Import(CausalLM model, SafetensorsFile weights, string name, string file)
    {
        if (model.WeightName(name) is null && model.IsSurplus(name))
            return;
        using var scope = NewDisposeScope();
        try
        {
            model.ImportWeight(name, ReadFinite(weights, name));
        }
        catch (InputException error) when (!error.Message.StartsWith(file, StringComparison.Ordinal))
        {
            throw new InputException($"{file}: {error.Message}", error);
        }
    }

    /// <summary>A tensor as float32; the caller's dispose scope owns it.</summary>
    internal static Tensor ReadFinite(SafetensorsFile weights, string name)
    {
        var value = weights.Read(name);
        if (!value.is_floating_point())
            throw new InputException($"tensor '{name}' is {value.dtype}; allowed are floating-point types.");
        value = value.to(ScalarType.Float32);
        return value.sum().isfinite().item<bool>() || value.isfinite().all().item<bool>()
            ? value
            : throw new InputException($"tensor '{name}' holds NaN or infinity.");
    }

    /// <summary>The folder's weight files, single or sharded.</summary>
    internal static IReadOnlyList<string> WeightFiles(string folder)
    {
        var index = Path.Combine(folder, IndexName);
        if (!File.Exists(index))
        {
            var single = Path.Combine(folder, WeightsName);
            return File.Exists(single) ? [single] : throw new InputException($"{folder}: has neither {WeightsName} nor {IndexName}.");
        }

        using var document = ReadJson(index);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new InputException($"{index}: field 'weight_map' must be an object from tensors to files.");
        }

        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
        {
            var name = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            if (name.Length == 0 || name != Path.GetFileName(name) || !name.EndsWith(".safetensors", StringComparison.Ordinal))
                throw new InputException($"{index}: 'weight_map.{entry.Name}' is '{entry.Value}'; allowed is a .safetensors file of the same folder.");
            var path = Path.Combine(folder, name);
            if (files.Add(path) && !File.Exists(path))
                throw new InputException($"{index}: file '{name}' of tensor '{entry.Name}' is missing.");
        }

        return [.. files];
    }

    private static void WriteWeights(CausalLM model, string folder, ScalarType type, long maxShardBytes)
    {
        var shards = new List<List<string>> { new() };
        long bytes = 0, total = 0;
        foreach (var (name, shape) in model.ExpectedWeights)
        {
            var size = shape.Aggregate(1L, (a, b) => a * b) * type.ElementSize();
            if (bytes > 0 && bytes + size > maxShardBytes)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(name);
            bytes += size;
            total += size;
        }

        var map = new JsonObject();
        for (var i = 0; i < shards.Count; i++)
        {
            var file = shards.Count == 1 ? WeightsName : $"model-{i + 1:d5}-of-{shards.Count:d5}.safetensors";
            var wanted = shards[i].ToHashSet(StringComparer.Ordinal);
            using var scope = NewDisposeScope();
            var tensors = model.ExportWeights().Where(w => wanted.Contains(w.Name)).Select(w => (w.Name, w.Value.to(type))).ToList();
            SafetensorsFile.Write(Path.Combine(folder, file), tensors, Metadata);
            foreach (var name in shards[i])
                map[name] = file;
        }

        var index = Path.Combine(folder, IndexName);
        if (shards.Count > 1)
        {
            var json = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = total }, ["weight_map"] = map };
            AtomicFile.WriteText(index, json.ToJsonString(Indented));
            File.Delete(Path.Combine(folder, WeightsName));
        }
        else
        {
            File.Delete(index);
        }
    }

    private static JsonObject Generation(JsonObject config)
    {
        var json = new JsonObject { ["_from_model_config"] = true };
        foreach (var field in (string[])["bos_token_id", "eos_token_id", "pad_token_id"])
        {
            if (config[field] is { } value)
                json[field] = value.DeepClone();
        }

        return json;
    }

    private static string Name(ScalarType type) => type switch
    {
        ScalarType.Float32 => "float32",
        ScalarType.Float16 => "float16",
        ScalarType.BFloat16 => "bfloat16",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Weights are stored as Float32, Float16 or BFloat16."),
    };

    /// <summary>Parses a JSON file of limited size.</summary>
    internal static JsonDocument ReadJson(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxJsonBytes)
                throw new InputException($"{path}: {stream.Length} bytes; allowed are {MaxJsonBytes}.");
            return JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException error)
        {
            throw new InputException($"{path}: is not JSON: {error.Message.ReplaceLineEndings(" ")}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }
    }
}
