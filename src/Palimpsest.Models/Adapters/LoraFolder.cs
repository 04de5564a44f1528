using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>PEFT's adapter folder: adapter_config.json and adapter_model.safetensors.</summary>
internal static class LoraFolder
{
    private const string ConfigName = "adapter_config.json";
    private const string WeightsName = "adapter_model.safetensors";
    private const string Prefix = "base_model.model.";
    private const long MostConfigBytes = 4 << 20;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static LoraAdapter Load(CausalLM model, string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(model);
        var options = ReadOptions(Path.Combine(folder, ConfigName), model);
        RequireFit(Path.Combine(folder, ConfigName), model, options);
        var path = Path.Combine(folder, WeightsName);
        using var weights = SafetensorsFile.Open(path);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var unread = weights.Names.ToHashSet(StringComparer.Ordinal);
        Tensor Read(string key, params long[] shape)
        {
            unread.Remove(Prefix + key);
            return ReadTensor(weights, path, Prefix + key, shape).to(model.Device);
        }

        var layers = LoraTargets.Of(model, options).Select(target =>
        {
            var (rank, rows, width) = (LoraTargets.Rank(options, target.Path), target.RowCount, target.Projection.InFeatures);
            return new LoraLayer(
                target,
                LoraTargets.NewParameter(Read($"{target.Path}.lora_A.weight", rank, width)),
                LoraTargets.NewParameter(Read($"{target.Path}.lora_B.weight", rows, rank)),
                options.WeightDecomposed ? LoraTargets.NewParameter(Read($"{target.Path}.lora_magnitude_vector", rows)) : null,
                LoraTargets.Scale(options, target.Path));
        }).ToArray();
        var replaced = LoraTargets.Saved(model, options).Select(target => new ReplacedWeight(
            target, LoraTargets.NewParameter(Read($"{target.Path}.weight", target.RowCount, target.Projection.InFeatures)))).ToArray();
        return unread.Count == 0
            ? new(model, name, options, layers, replaced)
            : throw new InputException($"{path}: tensor '{unread.Order(StringComparer.Ordinal).First()}' belongs to no module that {ConfigName} names ({unread.Count} do).");
    }

    private static Tensor ReadTensor(SafetensorsFile weights, string path, string name, long[] shape)
    {
        if (!weights.Contains(name))
            throw new InputException($"{path}: tensor '{name}' is missing.");
        if (!weights.Shape(name).SequenceEqual(shape))
            throw new InputException($"{path}: '{name}' is [{string.Join(", ", weights.Shape(name))}]; the model needs [{string.Join(", ", shape)}].");
        var value = weights.Read(name);
        if (!value.is_floating_point())
            throw new InputException($"{path}: tensor '{name}' is {value.dtype}; allowed are floating-point types.");
        value = value.to(ScalarType.Float32);
        return value.isfinite().all().item<bool>() ? value : throw new InputException($"{path}: tensor '{name}' holds NaN or infinity.");
    }

    public static void Save(LoraAdapter adapter, CausalLM model, string folder)
    {
        var options = adapter.Options;
        var json = new JsonObject
        {
            ["alpha_pattern"] = new JsonObject(options.AlphaPattern.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
            ["base_model_name_or_path"] = null,
            ["bias"] = "none",
            ["fan_in_fan_out"] = model.Projections.Any(p => p.Transposed),
            ["inference_mode"] = true,
            ["lora_alpha"] = options.Alpha,
            ["lora_dropout"] = 0.0,
            ["modules_to_save"] = options.ModulesToSave.Count == 0 ? null : Names(options.ModulesToSave),
            ["peft_type"] = "LORA",
            ["r"] = options.Rank,
            ["rank_pattern"] = new JsonObject(options.RankPattern.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
            ["target_modules"] = Names(options.TargetModules),
            ["task_type"] = "CAUSAL_LM",
            ["use_dora"] = options.WeightDecomposed,
            ["use_rslora"] = options.RankStabilized,
        };
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(
            Path.Combine(folder, WeightsName), [.. adapter.ParameterRefs.Select(p => (p.Name, p.Storage.detach()))],
            new Dictionary<string, string> { ["format"] = "pt" });
        AtomicFile.WriteText(Path.Combine(folder, ConfigName), json.ToJsonString(Indented));
    }

    /// <summary>Resolves every name and pattern once, so that a complaint about one names the file.</summary>
    private static void RequireFit(string path, CausalLM model, LoraOptions options)
    {
        try
        {
            LoraTargets.Saved(model, options);
            foreach (var target in LoraTargets.Of(model, options))
                LoraTargets.Scale(options, target.Path);
        }
        catch (InputException error)
        {
            throw new InputException($"{path}: {error.Message}", error);
        }
    }

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(n => (JsonNode)n)];

    private static LoraOptions ReadOptions(string path, CausalLM model)
    {
        var root = JsonField.Read(path, MostConfigBytes);
        if (root["peft_type"].AsString(null) is var kind and not "LORA")
            throw root["peft_type"].Error($"'{kind}' is not supported; supported is LORA.");
        if (root["bias"].AsString(null) is { } bias and not "none")
            throw root["bias"].Error($"'{bias}' is not supported; supported is none.");
        try
        {
            return new()
            {
                Rank = root["r"].AsInteger(1, 1 << 16),
                Alpha = root["lora_alpha"].AsNumber(),
                RankStabilized = root["use_rslora"].AsBoolean(false),
                WeightDecomposed = root["use_dora"].AsBoolean(false),
                TargetModules = Targets(root["target_modules"], model),
                ModulesToSave = root["modules_to_save"].IsNull ? [] : [.. root["modules_to_save"].Elements().Select(e => e.AsString())],
                RankPattern = root["rank_pattern"].IsNull ? new() : root["rank_pattern"].Members().ToDictionary(m => m.Name, m => m.Field.AsInteger(1, 1 << 16)),
                AlphaPattern = root["alpha_pattern"].IsNull ? new() : root["alpha_pattern"].Members().ToDictionary(m => m.Name, m => m.Field.AsNumber()),
            };
        }
        catch (ArgumentException error)
        {
            throw new InputException($"{path}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private static IReadOnlyList<string> Targets(JsonField field, CausalLM model)
    {
        if (field.Value.ValueKind != JsonValueKind.String)
            return [.. field.Elements().Select(e => e.AsString())];
        var pattern = field.AsString();
        if (pattern == "all-linear")
            return [pattern];
        try
        {
            var expression = new System.Text.RegularExpressions.Regex($"^(?:{pattern})$", System.Text.RegularExpressions.RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return [.. model.Projections.Select(p => p.Path).Where(p => expression.IsMatch(p))];
        }
        catch (Exception error) when (error is ArgumentException or System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            throw field.Error($"'{pattern}' is not a usable regular expression.");
        }
    }
}
