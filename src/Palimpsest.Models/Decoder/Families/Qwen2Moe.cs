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
    public DecoderConfig Read(ConfigReader json)
    {
        var config = StandardFields.Read(json, ModelType) with { QueryKeyValueBias = json.Flag("qkv_bias", true) };
        var step = json.Size("decoder_sparse_step", 1);
        var dense = json.Reals("mlp_only_layers");
        return StandardFields.WithSwitchedWindow(json, config) with
        {
            Experts = new()
            {
                Count = json.Size("num_experts", 60),
                PerToken = json.Size("num_experts_per_tok", 4),
                IntermediateSize = json.Size("moe_intermediate_size", 1408),
                SharedIntermediateSize = json.Size("shared_expert_intermediate_size", 5632),
                NormalizeChosen = json.Flag("norm_topk_prob", false),
                BalanceCoefficient = json.Real("router_aux_loss_coef", 0.001),
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
