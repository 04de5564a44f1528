namespace Palimpsest.Evaluation;

/// <summary>What a model holds after its weights are rounded: unlearning that moved them by less than half a step is
/// undone. Zhang et al. 2024, arXiv:2410.16454.</summary>
/// <remarks>The zero is the retrained model as it is. The original and the retrained model are rounded too, so that the
/// report can say what rounding alone does.</remarks>
/// <param name="bits">For the name: 8 or 4.</param>
/// <param name="rounding">Rounds the weights of a copy.</param>
public sealed class QuantisationTest(int bits, IModelTransform rounding) : IAuditTest
{
    /// <inheritdoc/>
    public string Name => FormattableString.Invariant($"{bits}-bit quantisation");

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Holds;

    /// <inheritdoc/>
    public ModelAccess Access => ModelAccess.Weights;

    /// <inheritdoc/>
    public string Settings => rounding.Name;

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var candidates = FactKnowledge.Measurable(context.Forget).Sum(fact => (long)fact.Candidates.Count);
        return new(Sequences: candidates * context.Roles.Count);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return WeightAccess.WhyNotChange(context) ?? KnowledgeChecks.WhyNot(context.Forget);
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var facts = FactKnowledge.Measurable(context.Forget);
        var changed = new ChangedKnowledge(context, this, rounding, facts);
        var known = await changed.AfterAsync(AuditRole.Candidate, cancellationToken).ConfigureAwait(false);
        var original = await changed.AfterAsync(AuditRole.Original, cancellationToken).ConfigureAwait(false);
        var retrained = context.HasRetrained
            ? await changed.AfterAsync(AuditRole.Retrained, cancellationToken).ConfigureAwait(false)
            : null;
        var zero = await context.ZeroAsync(facts, cancellationToken).ConfigureAwait(false);
        var one = await changed.AsItIsAsync(AuditRole.Original, cancellationToken).ConfigureAwait(false);
        var recovery = Recovery.Of(Name, known, zero, one) with
        {
            Before = await changed.BeforeAsync(cancellationToken).ConfigureAwait(false),
            OriginalAfter = await changed.ShareAsync(original, cancellationToken).ConfigureAwait(false),
            RetrainedAfter = await changed.ShareAsync(retrained, cancellationToken).ConfigureAwait(false),
        };
        return new()
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Recovery = recovery,
            Sections =
            [
                KnowledgeSection.Changed(
                    recovery,
                    context.HasRetrained,
                    $"Every weight of the blocks was rounded to {bits} bits. A gain over what the model holds as it is "
                        + "means that the weights were moved by less than a rounding step."
                ),
            ],
        };
    }
}
