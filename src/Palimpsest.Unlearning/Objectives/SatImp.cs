namespace Palimpsest.Unlearning;

/// <summary>Settings of saturation- and importance-weighted ascent.</summary>
public sealed record SatImpOptions : ForgetOptions
{
    /// <summary>Exponent of p, in [0, 100].</summary>
    public double Beta1
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 100);
    } = 5;

    /// <summary>Exponent of 1 − p, in [0, 100].</summary>
    public double Beta2
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 100);
    } = 1;
}

/// <summary>
/// Gradient ascent in which tokens count that are known but not saturated: −mean sg(p^β₁ (1 − p)^β₂) · nll, sg without
/// gradient. Yang et al. 2025, arXiv:2505.11953.
/// </summary>
/// <param name="options">Settings.</param>
public sealed class SatImp(SatImpOptions options) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.Forget;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var forget = step.ForgetRows;
        var p = forget.TokenNll.detach().neg().exp();
        var weight = p.pow(options.Beta1) * (1 - p).pow(options.Beta2);
        return ((weight * forget.TokenNll).sum().neg() / forget.Tokens.LabelMask.sum()).MoveToOuterDisposeScope();
    }
}
