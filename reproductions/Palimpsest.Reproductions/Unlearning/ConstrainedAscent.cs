using static TorchSharp.torch;

namespace Palimpsest.Reproductions;

/// <summary>Ascent on whole rows under constraints (CU), which CodeEraser is compared with: −NLL − λ KL(reference
/// ‖ model) on forget rows; the retain term is the unlearner's. arXiv:2509.13755.</summary>
/// <param name="weight">λ.</param>
internal sealed class ConstrainedAscent(double weight) : IForgetObjective
{
    /// <inheritdoc/>
    public ForgetNeeds Needs => ForgetNeeds.ForgetLogits | ForgetNeeds.ForgetReferenceLogits;

    /// <inheritdoc/>
    public Tensor Loss(ForgetStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        var rows = step.Forget!;
        var divergence = RetainDivergence.Kl(rows, KlPositions.RealTokens);
        return (rows.BatchTokenMean + divergence * weight).neg().MoveToOuterDisposeScope();
    }
}
