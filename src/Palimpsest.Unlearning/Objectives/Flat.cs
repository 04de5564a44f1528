namespace Palimpsest.Unlearning;

/// <summary>Settings of FLAT.</summary>
public sealed record FlatOptions : ForgetOptions
{
    /// <summary>The divergence.</summary>
    public FlatDivergence Divergence { get; init; }

    /// <summary>Where the means are taken.</summary>
    public FlatMean Mean { get; init; }
}

/// <summary>
/// Raises the probability of a template answer and lowers that of the true one, weighed by an f-divergence; reads
/// neither retain rows nor a reference: −g(P_template) + h(P_forget), P the mean token probability. Wang et al. 2024,
/// arXiv:2410.11143.
/// </summary>
/// <param name="options">Settings.</param>
public sealed class Flat(FlatOptions options) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.Forget | ForgetNeeds.Alternate;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var (template, forget) = (Probability(step.AlternateRows), Probability(step.ForgetRows));
        return Value(options.Divergence, template, forget).mean().MoveToOuterDisposeScope();
    }

    /// <summary>−g(P_template) + h(P_forget), elementwise.</summary>
    /// <param name="divergence">Chooses g and h.</param>
    /// <param name="template">Probabilities of template answers, any shape.</param>
    /// <param name="forget">Probabilities of true answers, in the same shape.</param>
    public static Tensor Value(FlatDivergence divergence, Tensor template, Tensor forget)
    {
        using var scope = NewDisposeScope();
        var (e, f) = (template, forget);
        var (gain, loss) = divergence switch
        {
            FlatDivergence.TotalVariation => (e.tanh() / 2, f.tanh() / 2),
            FlatDivergence.KullbackLeibler => (e, (f - 1).exp()),
            FlatDivergence.JensenShannon => (
                Math.Log(2) - nn.functional.softplus(-e),
                f + nn.functional.softplus(-f) - Math.Log(2)
            ),
            FlatDivergence.Pearson => (e, f * f / 4 + f),
            FlatDivergence.ReverseKullbackLeibler => (-e.exp(), -1 - f),
            FlatDivergence.SquaredHellinger => (1 - e.exp(), (-f).exp() - 1),
            FlatDivergence.Neyman => (1 - e.exp(), 2 - 2 * (f / 2).exp()),
            FlatDivergence.Jeffrey => (e, f + f * f / 4 + f * f * f / 16),
            _ => throw new ArgumentOutOfRangeException(nameof(divergence), divergence, "Unknown divergence."),
        };
        return (loss - gain).MoveToOuterDisposeScope();
    }

    private Tensor Probability(ScoredBatch batch)
    {
        var tokens = where(batch.Tokens.LabelMask, batch.TokenNll.neg().exp(), 0f); // [B, T]
        return options.Mean switch
        {
            FlatMean.Padded => tokens.narrow(1, 1, tokens.shape[1] - 1).mean(),
            FlatMean.PerItem => tokens.sum(-1) / batch.SequenceCount,
            _ => (tokens.sum(-1) / batch.SequenceCount).mean(),
        };
    }
}
