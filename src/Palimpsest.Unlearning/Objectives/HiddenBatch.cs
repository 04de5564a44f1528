namespace Palimpsest.Unlearning;

/// <summary>A batch with the hidden states of one block.</summary>
/// <param name="Tokens">Ids and masks [B, T].</param>
/// <param name="States">The block's output [B, T, D] float32, with gradient.</param>
/// <param name="Reference">The same under the reference model, without gradient; null where not read.</param>
public sealed record HiddenBatch(TokenBatch Tokens, Tensor States, Tensor? Reference = null)
{
    /// <summary>Squared distance of the labelled tokens' states from a target, mean over the hidden size, averaged over
    /// tokens as asked; a float32 scalar with gradient.</summary>
    /// <param name="target">[D], [1, 1, D] or [B, T, D] float32.</param>
    /// <param name="mean">How tokens are averaged.</param>
    public Tensor Distance(Tensor target, HiddenMean mean)
    {
        using var scope = NewDisposeScope();
        var mask = Tokens.LabelMask.to(ScalarType.Float32); // [B, T]
        var sums = ((States - target).square().mean([-1]) * mask).sum(1); // [B]
        var counts = mask.sum(1);
        var loss = mean == HiddenMean.Tokens ? sums.sum() / counts.sum() : sums.mean() * counts.reciprocal().mean();
        return loss.MoveToOuterDisposeScope();
    }
}
