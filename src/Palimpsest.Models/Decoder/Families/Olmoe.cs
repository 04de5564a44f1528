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
    public DecoderConfig Read(JsonField json)
    {
        var bias = json["attention_bias"].AsBoolean(false);
        var config = StandardFields.Read(json, new FamilyDefaults(ModelType) { Epsilon = 1e-5 });
        return config with
        {
            QueryKeyNorm = QueryKeyNorm.AllHeads,
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            QueryKeyValueClip = json["clip_qkv"].AsPositiveOrNull(),
            Experts = new()
            {
                Count = json["num_experts"].AsSize(64),
                PerToken = json["num_experts_per_tok"].AsSize(8),
                IntermediateSize = config.IntermediateSize,
                NormalizeChosen = json["norm_topk_prob"].AsBoolean(false),
                BalanceCoefficient = json["router_aux_loss_coef"].AsNumber(0.01),
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
