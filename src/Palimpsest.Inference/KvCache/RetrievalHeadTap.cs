namespace Palimpsest.Inference;

/// <summary>Notes how much each query head looks at earlier copies of a token, and at what came after them.</summary>
/// <param name="block">Tokens after which the text repeats itself, at least 2.</param>
internal sealed class RetrievalHeadTap(int block) : ITap
{
    /// <summary>Echo and induction of the first row's query heads, by layer.</summary>
    public Dictionary<int, (float[] Echo, float[] Induction)> Scores { get; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<TapSite> Sites => [new(null, TapPoint.AttentionWeights)];

    /// <inheritdoc/>
    public Tensor Apply(Tensor activation, in TapContext context)
    {
        Scores[context.Layer] = RetrievalHeadSearch.ScoresOf(activation, block);
        return activation;
    }
}
