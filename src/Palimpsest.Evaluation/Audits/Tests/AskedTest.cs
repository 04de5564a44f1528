namespace Palimpsest.Evaluation;

/// <summary>What a model says when it is asked: each forgotten fact's own question, and whether the reply states the
/// fact.</summary>
public sealed class AskedTest : IAuditTest
{
    /// <summary>The name of this test in reports.</summary>
    internal const string TestName = "asked";

    /// <inheritdoc/>
    public string Name => TestName;

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Says;

    /// <inheritdoc/>
    public ModelAccess Access => ModelAccess.Replies;

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new(Replies: (long)context.Forget.Count * context.Roles.Count);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Probes.Any(IsForgetSeed)
            ? null
            : "every forgotten fact's question holds its own answer, so that a reply proves nothing";
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var replies = new Dictionary<AuditRole, SleekReply[]>();
        foreach (var role in context.Roles)
        {
            var all = await context.RepliesAsync(role, cancellationToken).ConfigureAwait(false);
            replies[role] = [.. all.Where(reply => IsForgetSeed(reply.Probe))];
        }

        double[] Said(AuditRole role) =>
            [.. replies[role].Select(reply => reply.Verdict == Verdict.Stated ? 1.0 : 0.0)];
        var candidate = Said(AuditRole.Candidate);
        var zero = context.HasRetrained ? Said(AuditRole.Retrained) : new double[candidate.Length];
        var levels = replies.ToDictionary(
            pair => AuditContext.NameOf(pair.Key),
            pair =>
                MeasuredLevel.FromRate(
                    new(pair.Value.Count(reply => reply.Verdict == Verdict.Stated), pair.Value.Length)
                )
        );
        return new()
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Recovery = Recovery.Of(Name, candidate, zero, Said(AuditRole.Original)) with { Axis = AuditAxis.Says },
            Levels = levels,
            Sections = [AskedSection.Create(levels, replies[AuditRole.Candidate], context.Request.Judge.Name)],
        };
    }

    private static bool IsForgetSeed(SleekProbe probe) => probe is { IsSeed: true, Scope: FactScope.Forget };
}
