using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Palimpsest.Checkpoints;

/// <summary>PEFT's adapter_config.json.</summary>
internal sealed class LoraConfigFile
{
    /// <summary>Its name.</summary>
    public const string Name = "adapter_config.json";

    private const long MostBytes = 4 << 20;

    // Fields that change what the adapter computes in a way that is not supported; null, false and empty mean "not
    // used".
    private static readonly string[] Unsupported =
    [
        "alora_invocation_tokens",
        "arrow_config",
        "exclude_modules",
        "kasa_config",
        "layer_replication",
        "lora_bias",
        "monteclora_config",
        "target_parameters",
        "trainable_token_indices",
        "use_bdlora",
        "use_qalora",
        "velora_config",
    ];

    private readonly JsonField _root;
    private readonly string _path;

    private LoraConfigFile(JsonField root, string path) => (_root, _path) = (root, path);

    /// <summary>The file as it stands.</summary>
    public string Text => _root.Value.GetRawText();

    /// <summary>The model that the adapter was made for, as the file spells it, or null.</summary>
    public string? BaseModel => _root["base_model_name_or_path"].AsString(null);

    /// <summary>Target modules as the file spells them: names, or one pattern.</summary>
    public IReadOnlyList<string> Targets =>
        _root["target_modules"] is { Value.ValueKind: JsonValueKind.String } pattern
            ? [pattern.AsString()]
            : [.. _root["target_modules"].Elements().Select(e => e.AsString())];

    /// <summary>Reads a folder's file.</summary>
    /// <exception cref="InputException">It is missing, too large, not JSON, or not of a kind that is
    /// supported.</exception>
    public static LoraConfigFile Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        var root = JsonField.Read(path, MostBytes);
        if (root["peft_type"].AsString(null) is var kind and not "LORA")
            throw root["peft_type"].Error($"'{kind}' is not supported; supported is LORA.");
        if (root["bias"].AsString(null) is { } bias and not "none")
            throw root["bias"].Error($"'{bias}' is not supported; supported is none.");
        foreach (var field in Unsupported.Select(name => root[name]).Where(IsUsed))
            throw field.Error($"{JsonField.Shown(field.Value.GetRawText())} is not supported; supported is null.");
        return new(root, path);
    }

    /// <summary>The settings, patterns resolved against a model.</summary>
    /// <exception cref="InputException">A field is malformed.</exception>
    public LoraOptions Options(CausalLM model) => Plain() with { TargetModules = Resolve(model) };

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
                Layers = Layers(_root["layers_to_transform"]),
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
            ["base_model_name_or_path"] = model.Source?.Folder,
            ["bias"] = "none",
            ["fan_in_fan_out"] = model.Projections.Any(p => p.Transposed),
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["layers_to_transform"] = options.Layers is null
                ? null
                : new JsonArray([.. options.Layers.Select(layer => (JsonNode)layer)]),
            ["lora_alpha"] = options.Alpha,
            ["lora_dropout"] = 0.0,
            ["modules_to_save"] = options.ModulesToSave.Count == 0 ? null : Names(options.ModulesToSave),
            ["peft_type"] = "LORA",
            ["r"] = options.Rank,
            ["rank_pattern"] = new JsonObject(
                options.RankPattern.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))
            ),
            ["target_modules"] =
                options.TargetModules is [var pattern] && pattern == "all-linear"
                    ? pattern
                    : Names(options.TargetModules),
            ["task_type"] = "CAUSAL_LM",
            ["use_dora"] = options.WeightDecomposed,
            ["use_rslora"] = options.RankStabilized,
        };

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(n => (JsonNode)n)];

    private static IReadOnlyList<int>? Layers(JsonField field) =>
        field switch
        {
            { IsNull: true } => null,
            { Value.ValueKind: JsonValueKind.Array } => [.. field.Elements().Select(e => e.AsInteger(0, 1 << 16))],
            _ => [field.AsInteger(0, 1 << 16)],
        };

    private static Dictionary<string, T> Pattern<T>(JsonField field, Func<JsonField, T> read) =>
        field.IsNull ? [] : field.Members().ToDictionary(m => m.Name, m => read(m.Field));

    private static bool IsUsed(JsonField field) =>
        field.Value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False => false,
            JsonValueKind.Array => field.Value.GetArrayLength() > 0,
            JsonValueKind.Object => field.Value.EnumerateObject().Any(),
            _ => true,
        };

    private IReadOnlyList<string> Resolve(CausalLM model)
    {
        if (_root["target_modules"].Value.ValueKind != JsonValueKind.String || Targets is ["all-linear"])
            return Targets;
        try
        {
            var expression = new Regex($"^(?:{Targets[0]})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return [.. model.Projections.Select(p => p.Path).Where(p => expression.IsMatch(p))];
        }
        catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
        {
            throw _root["target_modules"].Error($"'{Targets[0]}' is not a usable regular expression.");
        }
    }
}
