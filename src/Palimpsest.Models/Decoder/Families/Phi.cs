using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>Phi 1, 1.5 and 2: attention and MLP side by side behind one norm, biases everywhere.</summary>
public sealed class Phi : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "phi";

    /// <inheritdoc/>
    public string Architecture => "PhiForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json)
    {
        if (json["qk_layernorm"].AsBoolean(false))
            throw json["qk_layernorm"].Refusal("false");
        return StandardFields.Read(
            json,
            new FamilyDefaults(ModelType)
            {
                Epsilon = 1e-5,
                EpsilonField = "layer_norm_eps",
                Activation = "gelu_new",
                PartialRotary = 0.5,
            }
        ) with
        {
            Norm = NormKind.Layer,
            GatedMlp = false,
            ParallelBlock = true,
            SharedBlockNorm = true,
            QueryKeyValueBias = true,
            AttentionOutputBias = true,
            MlpBias = true,
            HeadBias = true,
        };
    }

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        StandardFields.Write(config, json, epsilonField: "layer_norm_eps");
        json["partial_rotary_factor"] = config.RotarySize == 0 ? 1.0 : (double)config.RotarySize / config.HeadSize;
        json["qk_layernorm"] = false;
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) =>
        new()
        {
            FinalNorm = "model.final_layernorm",
            AttentionOutput = "self_attn.dense",
            Up = ["mlp.fc1"],
            Down = "mlp.fc2",
        };
}
