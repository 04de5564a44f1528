namespace Palimpsest.Evaluation;

/// <summary>What a model says when it is asked around the forgotten facts: the <see cref="Sleek"/> attack.</summary>
public sealed class SleekTest : IAuditTest
{
    /// <summary>The name of this test in reports.</summary>
    internal const string TestName = "Sleek";

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
        var asked = context.Probes.Sum(probe => probe.Mode == ProbeMode.Conversation ? 1L + probe.Steps.Count : 1L);
        return new(Replies: asked * context.Roles.Count * (1 + context.Request.Sleek.SampledRuns));
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Probes.Any(probe => probe is { Scope: FactScope.Forget, IsSeed: false })
            ? null
            : "there is no probe of a forgotten fact beside its own question";
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var original = await context.RepliesAsync(AuditRole.Original, cancellationToken).ConfigureAwait(false);
        var candidate = await context.RepliesAsync(AuditRole.Candidate, cancellationToken).ConfigureAwait(false);
        var retrained = context.HasRetrained
            ? await context.RepliesAsync(AuditRole.Retrained, cancellationToken).ConfigureAwait(false)
            : null;
        var report = Sleek.Report(original, candidate, retrained, context.Request.Facts);
        var levels = new Dictionary<string, MeasuredLevel>
        {
            ["original"] = MeasuredLevel.FromRate(report.OriginalLeak),
            ["candidate"] = MeasuredLevel.FromRate(report.Leak),
        };
        if (report.RetrainedLeak is { } never)
            levels["retrained"] = MeasuredLevel.FromRate(never);
        return new()
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Recovery = Sleek.Recover(original, candidate, retrained),
            Levels = levels,
            Sections = SleekSection.Create(report, context.Request.Judge.Name),
            Data = AuditReport.ToData(report),
        };
    }
}
