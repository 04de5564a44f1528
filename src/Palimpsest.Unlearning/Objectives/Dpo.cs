namespace Palimpsest.Unlearning;

/// <summary>Settings of preference optimisation.</summary>
public sealed record DpoOptions : ForgetOptions
{
    /// <summary>Inverse temperature β, in (0, 100].</summary>
    public double Beta
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 100);
    } = 0.1;
}

/// <summary>
/// Prefers another answer (a refusal: IdkDPO) to the true one:
/// −(2/β) mean log σ(β [log-ratio(other) − log-ratio(true)]). Rafailov et al. 2023, arXiv:2305.18290.
/// </summary>
/// <param name="options">Settings.</param>
public sealed class Dpo(DpoOptions options) : IForgetObjective
{
    private readonly double _beta = options.Beta;

    /// <inheritdoc/>
    public ForgetNeeds Needs =>
        ForgetNeeds.Forget | ForgetNeeds.ForgetReference | ForgetNeeds.Alternate | ForgetNeeds.AlternateReference;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var (win, lose) = (step.AlternateRows, step.ForgetRows);
        var margin = (win.RequiredReferenceNll - win.SequenceNll) - (lose.RequiredReferenceNll - lose.SequenceNll);
        return (nn.functional.logsigmoid(margin * _beta).mean() * (-2 / _beta)).MoveToOuterDisposeScope();
    }
}
