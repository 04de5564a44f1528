namespace Palimpsest.Unlearning;

/// <summary>Settings of IDK; it has none of its own, since retain rows are a part of its one mean.</summary>
public sealed record IdkOptions;

/// <summary>
/// Trains refusals to the forget questions: one token mean over refusals and retain rows together, so that the shorter
/// refusals weigh less. Maini et al. 2024, arXiv:2401.06121.
/// </summary>
public sealed class Idk : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.Alternate | ForgetNeeds.Retain;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var (refusal, retain) = (step.AlternateRows, step.RetainRows);
        var tokens = refusal.Tokens.LabelMask.sum() + retain.Tokens.LabelMask.sum();
        return ((refusal.TokenNll.sum() + retain.TokenNll.sum()) / tokens).MoveToOuterDisposeScope();
    }
}
