namespace Palimpsest.Unlearning;

/// <summary>Settings of weighted gradient ascent.</summary>
public sealed record WgaOptions : ForgetOptions
{
    /// <summary>Exponent β of the token's probability, in (0, 100].</summary>
    public double Beta
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 100);
    } = 1;
}

/// <summary>
/// Gradient ascent in which a token counts by its own probability: −mean sg(p^β) · nll, sg without gradient. Wang et
/// al.
/// 2025, arXiv:2502.19301.
/// </summary>
/// <param name="options">Settings.</param>
public sealed class Wga(WgaOptions options) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.Forget;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var forget = step.ForgetRows;
        var weight = (forget.TokenNll.detach() * -options.Beta).exp();
        return ((weight * forget.TokenNll).sum().neg() / forget.Tokens.LabelMask.sum()).MoveToOuterDisposeScope();
    }
}
