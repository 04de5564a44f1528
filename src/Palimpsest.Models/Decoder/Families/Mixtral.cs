using System.Text.Json.Nodes;

namespace Palimpsest.Models;

/// <summary>Mixtral: Mistral with experts whose chosen probabilities sum to one.</summary>
public sealed class Mixtral : IModelFamily
{
    /// <inheritdoc/>
    public string ModelType => "mixtral";

    /// <inheritdoc/>
    public string Architecture => "MixtralForCausalLM";

    /// <inheritdoc/>
    public DecoderConfig Read(JsonField json)
    {
        var config = StandardFields.Read(json, new FamilyDefaults(ModelType) { Epsilon = 1e-5 });
        return config with
        {
            SlidingWindow = json["sliding_window"].AsSizeOrNull(),
            Experts = new()
            {
                Count = json["num_local_experts"].AsSize(8),
                PerToken = json["num_experts_per_tok"].AsSize(2),
                IntermediateSize = config.IntermediateSize,
                NormalizeChosen = true,
                BalanceCoefficient = json["router_aux_loss_coef"].AsNumber(0.001),
            },
        };
    }

    /// <inheritdoc/>
    /// <exception cref="InputException">Layers have an ordinary MLP or a shared expert, which the layout cannot
    /// say.</exception>
    public void Write(DecoderConfig config, JsonObject json)
    {
        if (config.Experts is not { DenseLayers.Count: 0, SharedIntermediateSize: 0 })
            throw new InputException(
                $"A config.json of '{ModelType}' has experts in every layer and no shared one; this model differs."
            );
        StandardFields.Write(config, json);
        json["intermediate_size"] = config.Experts.IntermediateSize;
        json["sliding_window"] = config.SlidingWindow;
        json["num_local_experts"] = config.Experts.Count;
        json["num_experts_per_tok"] = config.Experts.PerToken;
        json["router_aux_loss_coef"] = config.Experts.BalanceCoefficient;
    }

    /// <inheritdoc/>
    public WeightNames Names(DecoderConfig config) =>
        new()
        {
            Router = "block_sparse_moe.gate",
            Expert = "block_sparse_moe.experts.{0}.",
            ExpertUp = ["w1", "w3"],
            ExpertDown = "w2",
        };
}
