using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Palimpsest.Checkpoints;

/// <summary>PEFT's adapter_config.json.</summary>
internal sealed class LoraConfigFile
{
    /// <summary>Its name.</summary>
    public const string Name = "adapter_config.json";

    /// <summary>The field that names the base.</summary>
    public const string BaseField = "base_model_name_or_path";

    private const long MostBytes = 4 << 20;

    private readonly JsonField _root;
    private readonly string _path;

    private LoraConfigFile(JsonField root, string path) => (_root, _path) = (root, path);

    /// <summary>The file as it stands.</summary>
    public string Text => _root.Value.GetRawText();

    /// <summary>The model that the adapter was made for, as the file spells it, or null.</summary>
    public string? BaseModel => _root[BaseField].AsString(null);

    /// <summary>Target modules as the file spells them: names, or one pattern.</summary>
    public IReadOnlyList<string> Targets => Names(_root["target_modules"]);

    /// <summary>Reads a folder's file.</summary>
    /// <exception cref="InputException">It is missing, too large, not JSON, or not of a kind that is
    /// supported.</exception>
    public static LoraConfigFile Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        var root = JsonField.Read(path, MostBytes);
        LoraFields.Check(root);
        return new(root, path);
    }

    /// <summary>The settings, patterns resolved against a model.</summary>
    /// <exception cref="InputException">A field is malformed.</exception>
    public LoraOptions Options(CausalLM model) =>
        Plain() with
        {
            TargetModules = Resolve(model, "target_modules"),
            ExcludedModules = Resolve(model, "exclude_modules"),
        };

    /// <summary>The settings as the file spells them.</summary>
    /// <exception cref="InputException">A field is malformed.</exception>
    public LoraOptions Plain()
    {
        try
        {
            return new()
            {
                Rank = _root["r"].AsInteger(1, 1 << 16),
                Alpha = _root["lora_alpha"].AsNumber(),
                RankStabilized = _root["use_rslora"].AsBoolean(false),
                WeightDecomposed = _root["use_dora"].AsBoolean(false),
                TargetModules = Targets,
                ExcludedModules = NamesOrNone(_root["exclude_modules"]),
                Layers = Layers(_root["layers_to_transform"]),
                LayersPattern = NamesOrNone(_root["layers_pattern"]),
                ModulesToSave = _root["modules_to_save"].IsNull
                    ? []
                    : [.. _root["modules_to_save"].Elements().Select(e => e.AsString())],
                RankPattern = Pattern(_root["rank_pattern"], field => field.AsInteger(1, 1 << 16)),
                AlphaPattern = Pattern(_root["alpha_pattern"], field => field.AsNumber()),
            };
        }
        catch (ArgumentException error)
        {
            throw new InputException($"{_path}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>The file of an adapter that was made here.</summary>
    public static JsonObject Format(LoraOptions options, CausalLM model) =>
        new()
        {
            ["alpha_pattern"] = new JsonObject(
                options.AlphaPattern.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))
            ),
            [BaseField] = model.Source?.Folder,
            ["bias"] = "none",
            ["exclude_modules"] = options.ExcludedModules.Count == 0 ? null : ToArray(options.ExcludedModules),
            ["fan_in_fan_out"] = model.Projections.Any(p => p.Transposed),
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["layers_pattern"] = options.LayersPattern.Count == 0 ? null : ToArray(options.LayersPattern),
            ["layers_to_transform"] = options.Layers is null
                ? null
                : new JsonArray([.. options.Layers.Select(layer => (JsonNode)layer)]),
            ["lora_alpha"] = options.Alpha,
            ["lora_dropout"] = 0.0,
            ["modules_to_save"] = options.ModulesToSave.Count == 0 ? null : ToArray(options.ModulesToSave),
            ["peft_type"] = "LORA",
            ["r"] = options.Rank,
            ["rank_pattern"] = new JsonObject(
                options.RankPattern.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))
            ),
            ["target_modules"] =
                options.TargetModules is [var pattern] && pattern == "all-linear"
                    ? pattern
                    : ToArray(options.TargetModules),
            ["task_type"] = "CAUSAL_LM",
            ["use_dora"] = options.WeightDecomposed,
            ["use_rslora"] = options.RankStabilized,
        };

    private static JsonArray ToArray(IEnumerable<string> names) => [.. names.Select(n => (JsonNode)n)];

    private static IReadOnlyList<string> Names(JsonField field) =>
        field.Value.ValueKind == JsonValueKind.String
            ? [field.AsString()]
            : [.. field.Elements().Select(e => e.AsString())];

    private static IReadOnlyList<string> NamesOrNone(JsonField field) => field.IsNull ? [] : Names(field);

    // PEFT takes an empty list for none at all.
    private static int[]? Layers(JsonField field)
    {
        if (field.IsNull)
            return null;
        if (field.Value.ValueKind != JsonValueKind.Array)
            return [field.AsInteger(0, 1 << 16)];
        int[] layers = [.. field.Elements().Select(e => e.AsInteger(0, 1 << 16))];
        return layers.Length == 0 ? null : layers;
    }

    private static Dictionary<string, T> Pattern<T>(JsonField field, Func<JsonField, T> read) =>
        field.IsNull ? [] : field.Members().ToDictionary(m => m.Name, m => read(m.Field));

    // A string is one pattern over whole paths, a list holds names.
    private IReadOnlyList<string> Resolve(CausalLM model, string name)
    {
        var field = _root[name];
        if (field.Value.ValueKind != JsonValueKind.String)
            return NamesOrNone(field);
        var pattern = field.AsString();
        if (name == "target_modules" && pattern.Equals("all-linear", StringComparison.OrdinalIgnoreCase))
            return [LoraOptions.AllLinear];
        try
        {
            var expression = PythonPattern.Whole(pattern);
            return [.. model.Projections.Select(p => p.Path).Where(p => expression.IsMatch(p))];
        }
        catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
        {
            throw field.Error($"{JsonField.Shown(pattern)} is not a usable regular expression.");
        }
    }
}
