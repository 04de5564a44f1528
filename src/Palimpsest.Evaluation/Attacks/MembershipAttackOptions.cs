namespace Palimpsest.Evaluation;

/// <summary>Settings of the membership attack.</summary>
public sealed record MembershipAttackOptions
{
    /// <summary>Share of the lowest log-probabilities in min-k, in (0, 1].</summary>
    public double MinKShare
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 1);
    } = 0.4;

    /// <summary>Whether the norm of the gradient is a score, too; it needs weights and a backward pass per
    /// row.</summary>
    public bool GradientNorm { get; init; }
}
