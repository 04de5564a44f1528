using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>OLMoE: experts, and norms over all heads' queries and keys.</summary>
public sealed class Olmoe : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "olmoe";

    /// <inheritdoc/>
    public string Architecture => "OlmoeForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(ConfigReader json)
    {
        var bias = json.Flag("attention_bias", false);
        var config = StandardFields.Read(json, ModelType, new() { Epsilon = 1e-5 });
        return config with
        {
            QueryKeyNorm = QueryKeyNorm.AllHeads,
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            QueryKeyValueClip = json.PositiveOrNull("clip_qkv"),
            Experts = new()
            {
                Count = json.Size("num_experts", 64),
                PerToken = json.Size("num_experts_per_tok", 8),
                IntermediateSize = config.IntermediateSize,
                NormalizeChosen = json.Flag("norm_topk_prob", false),
                BalanceCoefficient = json.Real("router_aux_loss_coef", 0.01),
            },
        };
    }

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        StandardFields.Write(config, json);
        json["attention_bias"] = config.QueryKeyValueBias;
        json["clip_qkv"] = config.QueryKeyValueClip;
        json["num_experts"] = config.Experts!.Count;
        json["num_experts_per_tok"] = config.Experts.PerToken;
        json["norm_topk_prob"] = config.Experts.NormalizeChosen;
        json["router_aux_loss_coef"] = config.Experts.BalanceCoefficient;
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) => new();
}
