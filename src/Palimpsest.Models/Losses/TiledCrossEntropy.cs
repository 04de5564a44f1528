namespace Palimpsest.Models;

/// <summary>
/// Cut cross-entropy: nll_n = log Σ_v e^(⟨E_n, C_v⟩) − ⟨E_n, C_{y_n}⟩, computed tile by tile, so that the
/// matrix of tokens by vocabulary never exists.
/// </summary>
/// <remarks>
/// The forward pass keeps each row's largest logit and its sum of exponentials; the backward pass computes each tile
/// anew. Problems that fit into one tile keep it instead, and a head that learns nothing (adapters) leaves its part
/// of the gradient ready in the forward pass. All sums are float32. Wijmans et al. 2024, arXiv:2411.09009.
/// </remarks>
public static class TiledCrossEntropy
{
    /// <summary>Loss over the labels that count.</summary>
    /// <param name="hidden">Hidden states [..., T, D] float32.</param>
    /// <param name="classifier">Head weight [V, D] float32.</param>
    /// <param name="labels">Ids [..., T] int64 in [0, V), and which of them count.</param>
    /// <param name="reduction">How token losses become one value.</param>
    /// <param name="bias">Head bias [V], or null.</param>
    /// <param name="options">Settings; exact by default.</param>
    /// <returns>A scalar, or [..., T] for <see cref="LossReduction.None"/>. Without any label, 0 with zero
    /// gradients.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A label is outside the vocabulary.</exception>
    public static Tensor Loss(
        Tensor hidden,
        Tensor classifier,
        TokenLabels labels,
        LossReduction reduction,
        Tensor? bias = null,
        TiledCrossEntropyOptions? options = null
    )
    {
        using var scope = NewDisposeScope();
        var (nll, _, valid, count) = Valid(hidden, classifier, labels, bias, options);
        return (
            reduction switch
            {
                LossReduction.Sum => nll.sum(),
                LossReduction.TokenMean => nll.sum() / Math.Max(1, nll.shape[0]),
                _ => zeros([count], dtype: nll.dtype, device: nll.device)
                    .index_copy(0, valid, nll)
                    .reshape(labels.Ids.shape),
            }
        ).MoveToOuterDisposeScope();
    }

    /// <summary>Token losses and log-sum-exps, each [..., T] with 0 where the token does not count; both have
    /// gradients.</summary>
    /// <remarks>Parameters as in <see cref="Loss"/>.</remarks>
    public static (Tensor Nll, Tensor LogSumExp) PerTokenWithLogSumExp(
        Tensor hidden,
        Tensor classifier,
        TokenLabels labels,
        Tensor? bias = null,
        TiledCrossEntropyOptions? options = null
    )
    {
        using var scope = NewDisposeScope();
        var (nll, lse, valid, count) = Valid(hidden, classifier, labels, bias, options);
        var empty = zeros([count], dtype: nll.dtype, device: nll.device);
        return (
            empty.index_copy(0, valid, nll).reshape(labels.Ids.shape).MoveToOuterDisposeScope(),
            empty.index_copy(0, valid, lse).reshape(labels.Ids.shape).MoveToOuterDisposeScope()
        );
    }

    /// <summary>Losses and log-sum-exps of rows that all count.</summary>
    /// <param name="hidden">[N, D] float32.</param>
    /// <param name="classifier">[V, D] float32.</param>
    /// <param name="labels">[N] int64 in [0, V).</param>
    /// <param name="bias">[V], or null.</param>
    /// <param name="options">Settings; exact by default.</param>
    /// <returns>Two tensors [N] float32, both with gradients.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A label is outside the vocabulary.</exception>
    public static (Tensor Nll, Tensor LogSumExp) Rows(
        Tensor hidden,
        Tensor classifier,
        Tensor labels,
        Tensor? bias = null,
        TiledCrossEntropyOptions? options = null
    )
    {
        var vocabulary = classifier.shape[0];
        if (labels.shape[0] > 0)
        {
            using var scope = NewDisposeScope();
            long low = labels.min().item<long>(),
                high = labels.max().item<long>();
            if (low < 0 || high >= vocabulary)
                throw new ArgumentOutOfRangeException(
                    nameof(labels),
                    low < 0 ? low : high,
                    $"Labels must be in [0, {vocabulary})."
                );
        }

        using var result = IsFrozenHead(hidden, classifier, bias, options ?? new())
            ? FrozenHeadCrossEntropyFunction.apply(hidden, classifier, bias!, labels)[0]
            : TiledCrossEntropyFunction.apply(hidden, classifier, bias!, labels, options ?? new())[0];
        return (result.select(0, 0), result.select(0, 1));
    }

    private static bool IsFrozenHead(
        Tensor hidden,
        Tensor classifier,
        Tensor? bias,
        TiledCrossEntropyOptions options
    ) =>
        is_grad_enabled()
        && hidden.requires_grad
        && !classifier.requires_grad
        && bias is not { requires_grad: true }
        && options is { SoftCap: null, FilterEpsilon: null, RowTile: 0, VocabularyTile: 0, TileVisited: null }
        && !TiledCrossEntropyFunction.Keeps(hidden.shape[0], classifier.shape[0])
        && CrossEntropyKernel.Supports(hidden)
        && CrossEntropyKernel.Supports(classifier);

    private static (Tensor Nll, Tensor LogSumExp, Tensor Valid, long Count) Valid(
        Tensor hidden,
        Tensor classifier,
        TokenLabels labels,
        Tensor? bias,
        TiledCrossEntropyOptions? options
    )
    {
        var flat = labels.Shifted().reshape(-1);
        var valid = flat.ne(labels.Ignored).nonzero().reshape(-1);
        var rows = hidden.reshape(-1, hidden.shape[^1]).index_select(0, valid);
        var (nll, lse) = Rows(rows, classifier, flat.index_select(0, valid), bias, options);
        return (nll, lse, valid, flat.shape[0]);
    }
}
