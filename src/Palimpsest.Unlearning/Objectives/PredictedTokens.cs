namespace Palimpsest.Unlearning;

/// <summary>The labelled tokens of a batch as one list of N.</summary>
/// <param name="Ids">The tokens [N] int64.</param>
/// <param name="Places">Where in the flattened [B · T] positions each is predicted [N] int64.</param>
internal sealed record PredictedTokens(Tensor Ids, Tensor Places)
{
    /// <summary>Lists the labelled tokens, those of each row's first <paramref name="skipFirst"/> left out.</summary>
    public static PredictedTokens Of(ScoredBatch batch, int skipFirst = 0)
    {
        using var scope = NewDisposeScope();
        var mask = batch.Tokens.LabelMask.clone();
        mask.select(1, 0).fill_(false);
        if (skipFirst > 0)
            mask = mask.logical_and(mask.to(ScalarType.Int64).cumsum(1) > skipFirst);
        var places = mask.reshape(-1).nonzero().squeeze(1);
        var ids = batch.Tokens.Ids.reshape(-1).index_select(0, places);
        return new(ids.MoveToOuterDisposeScope(), (places - 1).MoveToOuterDisposeScope());
    }

    /// <summary>The logits [N, V] that predict them, from logits [B, T, V].</summary>
    public Tensor At(Tensor logits) => logits.flatten(0, 1).index_select(0, Places);

    /// <summary>Mean over the tokens of −Σ_v q log p.</summary>
    public Tensor CrossEntropy(Tensor target, Tensor logits) =>
        (target * At(logits).log_softmax(-1)).sum(-1).neg().mean();
}
