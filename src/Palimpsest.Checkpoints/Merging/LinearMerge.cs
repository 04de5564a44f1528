namespace Palimpsest.Checkpoints;

/// <summary>Linear interpolation: W = (1 − w) · A + w · B. Wortsman et al. 2022, arXiv:2203.05482.</summary>
/// <param name="weight">w in [0, 1], the share of B.</param>
public sealed class LinearMerge(double weight = 0.5) : IWeightMerge
{
    private readonly double _weight = Require.InRange(weight, atLeast: 0, atMost: 1, name: nameof(weight));

    /// <inheritdoc/>
    public void Check(int models)
    {
        if (models != 2)
            throw new InputException($"linear: {models} models are given; allowed are two.");
    }

    /// <inheritdoc/>
    public Tensor Merge(IReadOnlyList<Tensor> weights)
    {
        using var scope = NewDisposeScope();
        return ((1 - _weight) * weights[0] + _weight * weights[1]).MoveToOuterDisposeScope();
    }
}
