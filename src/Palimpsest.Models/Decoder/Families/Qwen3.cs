using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>Qwen3: normalized queries and keys, head size of its own.</summary>
public sealed class Qwen3 : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "qwen3";

    /// <inheritdoc/>
    public string Architecture => "Qwen3ForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json)
    {
        var bias = json["attention_bias"].AsBoolean(false);
        var config = StandardFields.Read(json, ModelType) with
        {
            QueryKeyNorm = QueryKeyNorm.PerHead,
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
        };
        return StandardFields.WithSwitchedWindow(json, config);
    }

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        StandardFields.Write(config, json);
        StandardFields.WriteSwitchedWindow(config, json);
        json["attention_bias"] = config.QueryKeyValueBias;
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) => new();
}
