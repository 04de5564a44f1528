using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>Llama 1 to 3 and the many models that share its layout.</summary>
public sealed class Llama : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "llama";

    /// <inheritdoc/>
    public string Architecture => "LlamaForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json)
    {
        var attentionBias = json["attention_bias"].AsBoolean(false);
        return StandardFields.Read(json, ModelType) with
        {
            QueryKeyValueBias = attentionBias,
            AttentionOutputBias = attentionBias,
            MlpBias = json["mlp_bias"].AsBoolean(false),
        };
    }

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        StandardFields.Write(config, json);
        json["attention_bias"] = config.QueryKeyValueBias;
        json["mlp_bias"] = config.MlpBias;
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) => new();
}
