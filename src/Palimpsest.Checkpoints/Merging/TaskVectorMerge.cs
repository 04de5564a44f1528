namespace Palimpsest.Checkpoints;

/// <summary>
/// Task arithmetic: W = B + Σ_i s_i · (M_i − B), B the base and M_i models trained from it. Ilharco et al. 2022,
/// arXiv:2212.04089.
/// </summary>
/// <remarks>A negative scale takes a task out again: a model trained on what is to be forgotten is
/// subtracted.</remarks>
/// <param name="scales">s_i in [−100, 100]: one for all models, or one for each.</param>
public sealed class TaskVectorMerge(params IReadOnlyList<double> scales) : IWeightMerge
{
    private readonly double[] _scales =
    [
        .. scales.Select(scale => Require.InRange(scale, atLeast: -100, atMost: 100, name: nameof(scales))),
    ];

    /// <inheritdoc/>
    /// <remarks>The first model is the base.</remarks>
    public void Check(int models)
    {
        if (models < 2)
            throw new InputException(
                "task-vector: there is a base alone; needed is at least one model trained from it."
            );
        if (_scales.Length != 1 && _scales.Length != models - 1)
            throw new InputException(
                $"task-vector: {_scales.Length} scales are given for {models - 1} models; allowed is one for all, or "
                    + $"one for each."
            );
    }

    /// <inheritdoc/>
    public Tensor Merge(IReadOnlyList<Tensor> weights)
    {
        using var scope = NewDisposeScope();
        var merged = weights[0].clone();
        for (var i = 1; i < weights.Count; i++)
            merged.add_((weights[i] - weights[0]) * _scales[_scales.Length == 1 ? 0 : i - 1]);
        return merged.MoveToOuterDisposeScope();
    }
}
