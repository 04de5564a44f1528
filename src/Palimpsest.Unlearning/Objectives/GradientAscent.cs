namespace Palimpsest.Unlearning;

/// <summary>Settings of gradient ascent and of what adds a retain term to it.</summary>
public sealed record GradientAscentOptions : ForgetOptions;

/// <summary>
/// Minus the token-mean NLL of the forget rows; unbounded below, so that it ends in collapse. With a retain NLL it is
/// GradDiff, with a retain KL KL-min. Maini et al. 2024, arXiv:2401.06121.
/// </summary>
public sealed class GradientAscent : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.Forget;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        return step.ForgetRows.BatchTokenMean.neg().MoveToOuterDisposeScope();
    }
}
