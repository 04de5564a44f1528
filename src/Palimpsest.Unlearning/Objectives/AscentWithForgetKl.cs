namespace Palimpsest.Unlearning;

/// <summary>
/// Gradient ascent held near the reference on the forget rows themselves: −NLL + KL(reference ‖ model). Zhang et
/// al. 2024, arXiv:2404.05868 (comparison loss).
/// </summary>
public sealed class AscentWithForgetKl : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.ForgetLogits | ForgetNeeds.ForgetReferenceLogits;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        using var scope = NewDisposeScope();
        var forget = step.ForgetRows;
        return (RetainDivergence.Kl(forget, KlPositions.Every) - forget.BatchTokenMean).MoveToOuterDisposeScope();
    }
}
