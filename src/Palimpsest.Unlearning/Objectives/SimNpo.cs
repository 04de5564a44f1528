namespace Palimpsest.Unlearning;

/// <summary>Settings of SimNPO.</summary>
public sealed record SimNpoOptions : ForgetOptions
{
    /// <summary>The authors' settings: a forget weight of 0.125.</summary>
    public SimNpoOptions() => ForgetWeight = 0.125;

    /// <summary>Inverse temperature β, in (0, 100].</summary>
    public double Beta
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 100);
    } = 4.5;

    /// <summary>Margin δ subtracted from the mean NLL, in [0, 100].</summary>
    public double Delta
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 100);
    }
}

/// <summary>
/// NPO without a reference, normalised by length: −(2/β) mean log σ(β (NLL/n − δ)). Fan et al. 2024, arXiv:2410.07163.
/// </summary>
/// <param name="options">Settings.</param>
public sealed class SimNpo(SimNpoOptions options) : IForgetObjective
{
    private readonly double _beta = options.Beta;
    private readonly double _delta = options.Delta;

    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.Forget;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var mean = step.ForgetRows.SequenceNll / step.ForgetRows.SequenceCount;
        return (nn.functional.logsigmoid((mean - _delta) * _beta).mean() * (-2 / _beta)).MoveToOuterDisposeScope();
    }
}
