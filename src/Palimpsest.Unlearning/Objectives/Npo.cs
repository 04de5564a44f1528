namespace Palimpsest.Unlearning;

/// <summary>Settings of negative preference optimisation.</summary>
public sealed record NpoOptions : ForgetOptions
{
    /// <summary>Inverse temperature β, in (0, 100]; towards 0 the gradient becomes that of gradient ascent.</summary>
    public double Beta
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 100);
    } = 0.1;
}

/// <summary>
/// Pushes each answer's summed log-likelihood below the reference's and lets go as it falls:
/// (2/β) mean log(1 + (p/p_ref)^β). Zhang et al. 2024, arXiv:2404.05868.
/// </summary>
/// <param name="options">Settings.</param>
public sealed class Npo(NpoOptions options) : IForgetObjective
{
    private readonly double _beta = options.Beta;

    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.Forget | ForgetNeeds.ForgetReference;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var fallen = step.ForgetRows.SequenceNll - step.ForgetRows.RequiredReferenceNll; // [B], −log(p/p_ref)
        return (nn.functional.logsigmoid(fallen * _beta).mean() * (-2 / _beta)).MoveToOuterDisposeScope();
    }
}
