using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>What a suffix brings back that was sought on other facts: <see cref="Gcg"/> makes the answers of one
/// part of the forgotten facts likely, and the other part is measured with the suffix it found.</summary>
/// <remarks>A suffix that is sought for a fact's own answer can teach it. So facts are split as in relearning, and the
/// zero is the retrained model with a suffix that was sought on it in the same way; chance where there is
/// none.</remarks>
/// <param name="split">What the suffix is sought on, and what is measured.</param>
/// <param name="options">Settings of the search.</param>
public sealed class SuffixSearchTest(RelearnSplit split, GcgOptions options) : IAuditTest
{
    private readonly Gcg _search = new(options);

    /// <inheritdoc/>
    public string Name => "suffix search";

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Holds;

    /// <inheritdoc/>
    public ModelAccess Access => ModelAccess.Weights;

    /// <inheritdoc/>
    public string Settings => _search.Settings;

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var scored = (long)options.Steps * options.Candidates * options.MostFacts;
        return new(Sequences: scored * (context.Roles.Count - 1));
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context) =>
        WeightAccess.WhyNot(context) ?? split.WhyNot ?? KnowledgeChecks.WhyNot(split.Measured);

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var facts = FactKnowledge.Measurable(split.Measured);
        var suffixes = new Dictionary<AuditRole, FoundSuffix>();
        var known = new Dictionary<AuditRole, double[]>();
        foreach (var role in context.Roles.Where(role => role != AuditRole.Original))
        {
            suffixes[role] = await context
                .MeasureAsync(
                    this,
                    "suffix",
                    role,
                    model =>
                        Task.Run(() => _search.FindAsync(model, split.Taught, cancellationToken), cancellationToken)
                )
                .ConfigureAwait(false);
            var asked = facts.Select(fact => (fact, $"{fact.Question} {suffixes[role].Text}")).ToArray();
            var shares = await FactKnowledge
                .SharesAsync(context.ModelOf(role), asked, cancellationToken)
                .ConfigureAwait(false);
            known[role] = [.. shares.Select(share => share[0])];
        }

        var one = await context.KnowledgeAsync(AuditRole.Original, facts, cancellationToken).ConfigureAwait(false);
        var plain = await context.KnowledgeAsync(AuditRole.Candidate, facts, cancellationToken).ConfigureAwait(false);
        var bare = await context.ZeroAsync(facts, cancellationToken).ConfigureAwait(false);
        var zero = known.GetValueOrDefault(AuditRole.Retrained) ?? bare;
        var before = Recovery.Of(Name, plain, bare, one).Value;
        var recovery = Recovery.Of(Name, known[AuditRole.Candidate], zero, one) with { Before = before };
        return new()
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Recovery = recovery,
            Levels = known.ToDictionary(of => AuditContext.NameOf(of.Key), of => MeasuredLevel.FromValues(of.Value)),
            Sections = [KnowledgeSection.Changed(recovery, context.HasRetrained, Told(suffixes[AuditRole.Candidate]))],
            Data = AuditReport.ToData(suffixes.ToDictionary(of => AuditContext.NameOf(of.Key), of => of.Value.Text)),
        };
    }

    private string Told(FoundSuffix found) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"A suffix was sought on {Math.Min(options.MostFacts, split.Taught.Count)} other forgotten facts; their "
                + $"answers' NLL went from {found.FirstLoss:f2} to {found.Loss:f2}. It reads: {found.Text}"
        );
}
