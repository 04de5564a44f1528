using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>What returns of the facts that are not taught when a few others are: it was never removed. Deeb and Roger
/// 2024, arXiv:2410.08827.</summary>
/// <remarks>The zero is the retrained model after the same teaching, since teaching alone brings something; chance
/// where there is none.</remarks>
/// <param name="split">What is taught and what is measured.</param>
/// <param name="teaching">Teaches a copy of a model the rows of the split.</param>
public sealed class RelearningTest(RelearnSplit split, IModelTransform teaching) : IAuditTest
{
    /// <summary>The name of this test in reports.</summary>
    internal const string TestName = "relearning";

    private const int TypicalSteps = 30;

    /// <inheritdoc/>
    public string Name => TestName;

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Holds;

    /// <inheritdoc/>
    public ModelAccess Access => ModelAccess.Weights;

    /// <inheritdoc/>
    public string Settings => $"{teaching.Name}; taught: {string.Join(", ", split.Taught.Select(fact => fact.Id))}";

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var candidates = FactKnowledge.Measurable(split.Measured).Sum(fact => (long)fact.Candidates.Count);
        var models = context.HasRetrained ? 2 : 1;
        return new(Sequences: candidates * models, TrainingSteps: TypicalSteps * models);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context) =>
        WeightAccess.WhyNotChange(context)
        ?? WeightAccess.WhyNotTrain(context)
        ?? split.WhyNot
        ?? KnowledgeChecks.WhyNot(split.Measured);

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var facts = FactKnowledge.Measurable(split.Measured);
        var changed = new ChangedKnowledge(context, this, teaching, facts);
        var known = await changed.AfterAsync(AuditRole.Candidate, cancellationToken).ConfigureAwait(false);
        var retrained = context.HasRetrained
            ? await changed.AfterAsync(AuditRole.Retrained, cancellationToken).ConfigureAwait(false)
            : null;
        var zero = retrained ?? await context.ZeroAsync(facts, cancellationToken).ConfigureAwait(false);
        var one = await changed.AsItIsAsync(AuditRole.Original, cancellationToken).ConfigureAwait(false);
        var recovery = Recovery.Of(Name, known, zero, one) with
        {
            Before = await changed.BeforeAsync(cancellationToken).ConfigureAwait(false),
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
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{split.Taught.Count} facts were taught again, {facts.Count} others measured: {split.How}."
                    )
                ),
            ],
        };
    }
}
