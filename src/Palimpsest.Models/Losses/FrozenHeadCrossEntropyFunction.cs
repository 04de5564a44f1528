namespace Palimpsest.Models;

/// <summary>
/// The autograd node of <see cref="TiledCrossEntropy"/> for a head that learns nothing: (E, C, bias, labels) → nll
/// above log-sum-exp [2, N].
/// </summary>
/// <remarks>
/// The gradient of a row is h_n · Σ_v softmax_nv C_v − g_n · C_{y_n}, with g of the loss and h of loss and
/// log-sum-exp together. The sum is taken in the forward pass with a running maximum, as in FlashAttention: two
/// matrix products where computing each tile anew takes three, and [N, D] more to keep.
/// </remarks>
internal sealed class FrozenHeadCrossEntropyFunction : autograd.MultiTensorFunction<FrozenHeadCrossEntropyFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(FrozenHeadCrossEntropyFunction);

    /// <inheritdoc/>
    public override List<Tensor> forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (hidden, classifier, bias, labels) = (
            (Tensor)arguments[0],
            (Tensor)arguments[1],
            arguments[2] as Tensor,
            (Tensor)arguments[3]
        );
        var options = new TiledCrossEntropyOptions();
        using var scope = NewDisposeScope();
        var rows = hidden.shape[0];
        var (largest, sums) = (full([rows], double.NegativeInfinity, dtype: ScalarType.Float32), zeros(rows));
        var (expected, factors) = (zeros_like(hidden), empty(rows));
        foreach (var tile in CrossEntropyTile.Cut(rows, classifier.shape[0], options, whole: false, order: null))
        {
            using var step = NewDisposeScope();
            var exponentials = tile.Logits(hidden, classifier, bias, options);
            CrossEntropyKernel.Exponentials(exponentials, (largest, sums), factors);
            expected.mul_(factors.unsqueeze(1)).addmm_(exponentials, tile.EntriesOf(classifier));
        }

        var logSums = sums.log();
        var target = TiledCrossEntropyFunction.Target(hidden, classifier, bias, labels, options);
        context.save_for_backward([expected.div_(sums.unsqueeze(1)).MoveToOuterDisposeScope(), classifier, labels]);
        return [stack([largest - target + logSums, largest + logSums]).MoveToOuterDisposeScope()];
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, List<Tensor> gradients)
    {
        using var scope = NewDisposeScope();
        var saved = context.get_saved_variables();
        var own = gradients[0].select(0, 0).unsqueeze(1) * saved[1].index_select(0, saved[2]);
        return
        [
            (gradients[0].sum(dim: 0).unsqueeze(1) * saved[0]).sub_(own).MoveToOuterDisposeScope(),
            null!,
            null!,
            null!,
        ];
    }
}
