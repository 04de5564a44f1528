using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>GPT-NeoX and Pythia: parallel residuals, a part of each head rotated.</summary>
public sealed class GptNeoX : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "gpt_neox";

    /// <inheritdoc/>
    public string Architecture => "GPTNeoXForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json)
    {
        var bias = json["attention_bias"].AsBoolean(true);
        var size = StandardFields.HeadSize(json, json["hidden_size"].AsSize(), json["num_attention_heads"].AsSize());
        // transformers would rotate by this size and attend by the other.
        if (json["head_dim"].AsSizeOrNull() is { } said && said != size)
            throw json["head_dim"].Refusal($"{size}: hidden_size over num_attention_heads");
        var config = StandardFields.Read(
            json,
            new FamilyDefaults(ModelType)
            {
                Epsilon = 1e-5,
                EpsilonField = "layer_norm_eps",
                Activation = "gelu",
                PartialRotary = 0.25,
            }
        );
        return config with
        {
            KeyValueHeads = config.Heads,
            HeadSize = size,
            GatedMlp = false,
            Norm = NormKind.Layer,
            ParallelBlock = json["use_parallel_residual"].AsBoolean(true),
            QueryKeyValueBias = bias,
            QueryKeyValueByHead = true,
            AttentionOutputBias = bias,
            MlpBias = true,
        };
    }

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        StandardFields.Write(config, json, epsilonField: "layer_norm_eps");
        json.Remove("num_key_value_heads");
        json.Remove("partial_rotary_factor");
        json["rotary_pct"] = config.RotarySize == 0 ? 1.0 : (double)config.RotarySize / config.HeadSize;
        json["rotary_emb_base"] = config.RopeTheta;
        json["use_parallel_residual"] = config.ParallelBlock;
        json["attention_bias"] = config.QueryKeyValueBias;
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) =>
        new()
        {
            Base = "gpt_neox.",
            Block = "gpt_neox.layers.{0}.",
            Embedding = "gpt_neox.embed_in",
            FinalNorm = "gpt_neox.final_layer_norm",
            Head = "embed_out",
            QueryKeyValue = ["attention.query_key_value"],
            AttentionOutput = "attention.dense",
            Up = ["mlp.dense_h_to_4h"],
            Down = "mlp.dense_4h_to_h",
        };
}
