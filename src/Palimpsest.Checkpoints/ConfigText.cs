using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Checkpoints;

/// <summary>The JSON files that describe a model, written so that fields which the decoder does not know
/// survive.</summary>
internal static class ConfigText
{
    private static readonly string[] RotaryFields =
    [
        "rope_theta",
        "rope_scaling",
        "partial_rotary_factor",
        "original_max_position_embeddings",
    ];

    private static readonly string[] TokenFields = ["bos_token_id", "eos_token_id", "pad_token_id"];

    /// <summary>config.json: the source's fields, with those that have changed since; all of our own without a
    /// source.</summary>
    /// <param name="config">The model's configuration now.</param>
    /// <param name="source">Where the model came from, or null.</param>
    /// <param name="type">Float type of the stored weights; null leaves the source's field as it is.</param>
    public static JsonObject Format(DecoderConfig config, ModelSource? source, ScalarType? type)
    {
        var now = ModelFamilies.Write(config);
        var result = source is null ? now : Changed(now, source);
        if (type is { } stored)
            result[result.ContainsKey("dtype") ? "dtype" : "torch_dtype"] = Name(stored);
        return result;
    }

    /// <summary>generation_config.json: the source's, or one with the ids of config.json.</summary>
    public static JsonNode Generation(DecoderConfig config, ModelSource? source)
    {
        if (source?.Generation is { } text)
            return WithoutNoTokens(JsonNode.Parse(text)!);
        var fields = ModelFamilies.Write(config);
        var json = new JsonObject { ["_from_model_config"] = true };
        foreach (var field in TokenFields)
        {
            if (fields[field] is { } value)
                json[field] = value.DeepClone();
        }

        return json;
    }

    /// <summary>transformers' name of a float type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Weights are not stored in that type.</exception>
    public static string Name(ScalarType type) =>
        type switch
        {
            ScalarType.Float32 => "float32",
            ScalarType.Float16 => "float16",
            ScalarType.BFloat16 => "bfloat16",
            _ => throw new ArgumentOutOfRangeException(
                nameof(type),
                type,
                "Weights are stored as Float32, Float16 or BFloat16."
            ),
        };

    private static JsonObject Changed(JsonObject now, ModelSource source)
    {
        using var document = JsonDocument.Parse(source.Config);
        var before = ModelFamilies.Write(ModelFamilies.Read(document.RootElement, ModelSource.ConfigName));
        var result = JsonNode.Parse(source.Config)!.AsObject();
        var changed = now.Select(f => f.Key)
            .Union(before.Select(f => f.Key))
            .Where(f => !JsonNode.DeepEquals(now[f], before[f]))
            .ToArray();
        foreach (var field in changed)
            result[field] = now[field]?.DeepClone();

        // The newer spelling would be read in the place of the older fields, which have just been set.
        if (changed.Intersect(RotaryFields).Any())
        {
            result.Remove("rope_parameters");
            foreach (var field in RotaryFields.Where(now.ContainsKey))
                result[field] = now[field]?.DeepClone();
        }

        return WithoutNoTokens(result).AsObject();
    }

    // -1 stands for no token; every program understands null.
    private static JsonNode WithoutNoTokens(JsonNode json)
    {
        foreach (var field in TokenFields)
        {
            if (
                json is JsonObject fields
                && fields[field] is JsonValue id
                && id.TryGetValue(out int number)
                && number == -1
            )
                fields[field] = null;
        }

        return json;
    }
}
