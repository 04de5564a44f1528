using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>Gemma 2: soft caps, every other layer windowed, norms on both sides, scaled embeddings, tied
/// head.</summary>
public sealed class Gemma2 : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "gemma2";

    /// <inheritdoc/>
    public string Architecture => "Gemma2ForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json)
    {
        var config = StandardFields.Read(
            json,
            new FamilyDefaults(ModelType)
            {
                TiedHead = true,
                ActivationField = "hidden_activation",
                Activation = "gelu_pytorch_tanh",
            }
        );
        var bias = json["attention_bias"].AsBoolean(false);
        return config with
        {
            Norm = NormKind.RootMeanSquarePlusOne,
            NormPlacement = NormPlacement.Both,
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            EmbeddingScale = Math.Sqrt(config.HiddenSize),
            AttentionScale = 1 / Math.Sqrt(json["query_pre_attn_scalar"].AsPositive(256)),
            AttentionSoftCap = json["attn_logit_softcapping"].AsPositiveOrNull(),
            LogitSoftCap = json["final_logit_softcapping"].AsPositiveOrNull(),
            SlidingWindow = json["sliding_window"].AsSize(4096),
            WindowedLayers =
                StandardFields.ReadWindowedLayers(json, config.Layers)
                ?? [.. Enumerable.Range(0, config.Layers).Where(l => l % 2 == 0)],
        };
    }

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        StandardFields.Write(config, json, activationField: "hidden_activation");
        if (config.Activation == Activation.GeluTanh)
            json["hidden_activation"] = "gelu_pytorch_tanh";
        json["attention_bias"] = config.QueryKeyValueBias;
        json["query_pre_attn_scalar"] = Math.Round(1 / Math.Pow(config.AttentionScale!.Value, 2), 9);
        json["attn_logit_softcapping"] = config.AttentionSoftCap;
        json["final_logit_softcapping"] = config.LogitSoftCap;
        json["sliding_window"] = config.SlidingWindow;
        StandardFields.WriteLayerTypes(config, json);
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) => new() { BeforeMlp = "pre_feedforward_layernorm" };
}
