namespace Palimpsest.Unlearning;

/// <summary>The function through which <see cref="Kto"/> sends its margins.</summary>
public enum KtoLink
{
    /// <summary>The logistic function.</summary>
    Sigmoid,

    /// <summary>Its logarithm.</summary>
    LogSigmoid,
}

/// <summary>Settings of the KTO comparison loss.</summary>
public sealed record KtoOptions : ForgetOptions
{
    /// <summary>Inverse temperature β, in (0, 100].</summary>
    public double Beta
    {
        get;
        init => field = Require.InRange(value, above: 0, atMost: 100);
    } = 0.1;

    /// <summary>The function that bounds a margin.</summary>
    public KtoLink Link { get; init; } = KtoLink.LogSigmoid;
}

/// <summary>
/// 1 − (2/β) mean f(z − β log(p/p_ref)), where z is the mean log-ratio of refusals, without gradient and not multiplied
/// by β.
/// Zhang et al. 2024, arXiv:2404.05868 (comparison loss).
/// </summary>
/// <param name="options">Settings.</param>
public sealed class Kto(KtoOptions options) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs =>
        ForgetNeeds.Forget | ForgetNeeds.ForgetReference | ForgetNeeds.Alternate | ForgetNeeds.AlternateReference;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var (refusal, forget) = (step.AlternateRows, step.ForgetRows);
        var z = (refusal.RequiredReferenceNll - refusal.SequenceNll).detach().mean();
        var margin = z - (forget.RequiredReferenceNll - forget.SequenceNll) * options.Beta;
        var bounded = options.Link == KtoLink.Sigmoid ? margin.sigmoid() : nn.functional.logsigmoid(margin);
        return (1 - bounded.mean() * (2 / options.Beta)).MoveToOuterDisposeScope();
    }
}
