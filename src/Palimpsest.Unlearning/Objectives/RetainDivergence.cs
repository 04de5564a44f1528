namespace Palimpsest.Unlearning;

/// <summary>How far a model has moved from its reference on a batch.</summary>
public static class RetainDivergence
{
    /// <summary>Mean over positions of Σ_v p_ref (log p_ref − log p), a float32 scalar; 0 when the two are
    /// equal.</summary>
    /// <param name="batch">A batch with both models' logits.</param>
    /// <param name="over">Which positions count.</param>
    public static Tensor Kl(ScoredBatch batch, KlPositions over)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = NewDisposeScope();
        var reference = batch.RequiredReferenceLogits.detach().log_softmax(-1);
        var kl = (reference.exp() * (reference - batch.RequiredLogits.log_softmax(-1))).sum(-1); // [B, T]
        if (over == KlPositions.Every)
            return kl.mean().MoveToOuterDisposeScope();
        var real = batch.Tokens.AttentionMask;
        return (where(real, kl, 0f).sum() / real.sum()).MoveToOuterDisposeScope();
    }
}
