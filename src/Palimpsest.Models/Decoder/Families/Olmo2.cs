using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>OLMo 2: norms on the outputs of attention and MLP, and over all heads' queries and keys.</summary>
public sealed class Olmo2 : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "olmo2";

    /// <inheritdoc/>
    public string Architecture => "Olmo2ForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json)
    {
        var bias = json["attention_bias"].AsBoolean(false);
        return StandardFields.Read(json, new FamilyDefaults(ModelType) { Epsilon = 1e-5 }) with
        {
            NormPlacement = NormPlacement.After,
            QueryKeyNorm = QueryKeyNorm.AllHeads,
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
        };
    }

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        StandardFields.Write(config, json);
        json["attention_bias"] = config.QueryKeyValueBias;
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) => new();
}
