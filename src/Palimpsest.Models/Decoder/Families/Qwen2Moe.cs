using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>Qwen1.5-MoE and Qwen2-MoE: experts beside a gated expert that every token visits.</summary>
public sealed class Qwen2Moe : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "qwen2_moe";

    /// <inheritdoc/>
    public string Architecture => "Qwen2MoeForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json)
    {
        var config = StandardFields.Read(json, ModelType) with { QueryKeyValueBias = json["qkv_bias"].AsBoolean(true) };
        var step = json["decoder_sparse_step"].AsSize(1);
        var dense = json["mlp_only_layers"].AsNumbers();
        return StandardFields.WithSwitchedWindow(json, config) with
        {
            Experts = new()
            {
                Count = json["num_experts"].AsSize(60),
                PerToken = json["num_experts_per_tok"].AsSize(4),
                IntermediateSize = json["moe_intermediate_size"].AsSize(1408),
                SharedIntermediateSize = json["shared_expert_intermediate_size"].AsSize(5632),
                NormalizeChosen = json["norm_topk_prob"].AsBoolean(false),
                BalanceCoefficient = json["router_aux_loss_coef"].AsNumber(0.001),
                DenseLayers =
                [
                    .. Enumerable.Range(0, config.Layers).Where(l => dense.Contains(l) || (l + 1) % step != 0),
                ],
            },
        };
    }

    /// <inheritdoc/>
    public void Write(DecoderConfig config, JsonObject json)
    {
        StandardFields.Write(config, json);
        StandardFields.WriteSwitchedWindow(config, json);
        var experts = config.Experts!;
        json["qkv_bias"] = config.QueryKeyValueBias;
        json["num_experts"] = experts.Count;
        json["num_experts_per_tok"] = experts.PerToken;
        json["moe_intermediate_size"] = experts.IntermediateSize;
        json["shared_expert_intermediate_size"] = experts.SharedIntermediateSize;
        json["norm_topk_prob"] = experts.NormalizeChosen;
        json["router_aux_loss_coef"] = experts.BalanceCoefficient;
        json["decoder_sparse_step"] = 1;
        json["mlp_only_layers"] = new JsonArray([.. experts.DenseLayers.Select(l => (JsonNode)l)]);
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) => new();
}
