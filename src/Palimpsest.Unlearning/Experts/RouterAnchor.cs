namespace Palimpsest.Unlearning;

/// <summary>
/// Holds routers to chosen experts on forget rows: ‖g − a‖², g the softmax over all experts of a layer and a 1
/// at the chosen ones, mean over real tokens, summed over layers. arXiv:2411.18797.
/// </summary>
/// <remarks>One more forward pass per batch. No gradient reaches the experts of the last of the layers.</remarks>
/// <param name="experts">Layers and experts, counted from 0.</param>
public sealed class RouterAnchor(IReadOnlyList<(int Layer, int Expert)> experts) : IObjective
{
    /// <inheritdoc/>
    public string Fingerprint => $"anchor {string.Join(' ', experts.Select(e => $"{e.Layer}/{e.Expert}"))}";

    /// <inheritdoc/>
    public Tensor Loss(CausalLM model, StepBatches batches, TrainStep step)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batches);
        using var scope = NewDisposeScope();
        var batch = batches[StepBatches.Forget];
        Tensor? loss = null;
        foreach (var router in ExpertAffinity.Routers(model, batch))
        {
            int[] chosen = [.. experts.Where(e => e.Layer == router.Layer).Select(e => e.Expert)];
            if (chosen.Length == 0)
                continue;
            var distance = Distance(router.Probabilities, chosen); // [B, T]
            var real = batch.AttentionMask.to(ScalarType.Float32);
            var mean = (distance * real).sum() / real.sum();
            loss = loss is null ? mean : loss + mean;
        }

        return (
            loss ?? throw new InvalidOperationException("No layer of the chosen experts has a router.")
        ).MoveToOuterDisposeScope();
    }

    /// <summary>‖g − a‖² of each token.</summary>
    /// <param name="probabilities">g [..., E] float32.</param>
    /// <param name="chosen">Where a is 1.</param>
    public static Tensor Distance(Tensor probabilities, IReadOnlyList<int> chosen)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        using var scope = NewDisposeScope();
        var target = zeros(probabilities.shape[^1], device: probabilities.device);
        target.index_fill_(0, tensor(chosen.Select(e => (long)e).ToArray(), device: probabilities.device), 1);
        return (probabilities - target).square().sum(-1).MoveToOuterDisposeScope();
    }
}
