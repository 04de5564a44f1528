namespace Palimpsest.Unlearning;

/// <summary>L = forget weight · L_forget + retain weight · L_retain.</summary>
public static class UnlearningLoss
{
    /// <summary>The loss of scored batches, a scalar with gradient; terms of weight 0 are left out.</summary>
    /// <param name="forget">The forget term.</param>
    /// <param name="options">Weights and retain term; null for an objective that stands alone.</param>
    /// <param name="step">What was scored.</param>
    public static Tensor Of(IForgetObjective forget, ForgetOptions? options, ForgetStep step)
    {
        ArgumentNullException.ThrowIfNull(forget);
        using var scope = NewDisposeScope();
        if (options is null)
            return forget.Loss(step).MoveToOuterDisposeScope();
        var loss = options.ForgetWeight > 0 ? forget.Loss(step) * options.ForgetWeight : null;
        if (options.ReadsRetain)
        {
            var retain = Retained(forget, options, step);
            loss = loss is null ? retain * options.RetainWeight : loss + retain * options.RetainWeight;
        }

        return (
            loss ?? throw new InvalidOperationException("Both weights are 0: there is nothing to train.")
        ).MoveToOuterDisposeScope();
    }

    private static Tensor Retained(IForgetObjective forget, ForgetOptions options, ForgetStep step) =>
        options.Retain switch
        {
            RetainTerm.Nll => step.RetainRows.BatchTokenMean,
            RetainTerm.Kl => RetainDivergence.Kl(step.RetainRows, options.KlOver),
            _ => step.RetainStates.Distance(
                step.RetainStates.Reference
                    ?? throw new InvalidOperationException("The reference model's hidden states were not kept."),
                forget.HiddenMean
            ),
        };
}
