namespace Palimpsest.Evaluation;

/// <summary>What a model still holds as it is: the probability of the true value among its candidates, said or
/// not.</summary>
/// <remarks>Nothing is generated, so that a model which was taught to refuse is still heard. The same measurement of
/// kept facts says how much was kept.</remarks>
public sealed class ProbabilitiesTest : IAuditTest
{
    /// <summary>The name of this test in reports.</summary>
    internal const string TestName = "probabilities";

    /// <inheritdoc/>
    public string Name => TestName;

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Holds;

    /// <inheritdoc/>
    public ModelAccess Access => ModelAccess.Probabilities;

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var candidates = FactKnowledge
            .Measurable([.. context.Forget, .. context.Retain])
            .Sum(fact => (long)fact.Candidates.Count);
        return new(Sequences: candidates * context.Roles.Count);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return KnowledgeChecks.WhyNot(context.Forget);
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Progress?.Report(new("Probabilities", 0, 0));
        var facts = FactKnowledge.Measurable(context.Forget);
        var known = new Dictionary<AuditRole, double[]>();
        foreach (var role in context.Roles)
            known[role] = await context.KnowledgeAsync(role, facts, cancellationToken).ConfigureAwait(false);
        var zero = await context.ZeroAsync(facts, cancellationToken).ConfigureAwait(false);
        var levels = known.ToDictionary(
            pair => AuditContext.NameOf(pair.Key),
            pair => MeasuredLevel.FromValues(pair.Value)
        );
        return new()
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Recovery = Recovery.Of(Name, known[AuditRole.Candidate], zero, known[AuditRole.Original]),
            Levels = levels,
            Kept = await KeptAsync(context, cancellationToken).ConfigureAwait(false),
            Sections = [KnowledgeSection.Probabilities(levels, facts)],
        };
    }

    private static async Task<MeasuredLevel?> KeptAsync(AuditContext context, CancellationToken cancellationToken)
    {
        var retain = FactKnowledge.Measurable(context.Retain);
        if (retain.Count == 0)
            return null;
        var kept = await context.KnowledgeAsync(AuditRole.Candidate, retain, cancellationToken).ConfigureAwait(false);
        var before = await context.KnowledgeAsync(AuditRole.Original, retain, cancellationToken).ConfigureAwait(false);
        double Share(int[] rows) => rows.Sum(row => kept[row]) / rows.Sum(row => before[row]);
        return new(
            Share([.. Enumerable.Range(0, kept.Length)]),
            BootstrapInterval.Of(kept.Length, Recovery.Seed, Share),
            kept.Length
        );
    }
}
