using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Palimpsest.Evaluation;

/// <summary>Runs the tests of an audit on a model triple and labels the candidate.</summary>
/// <remarks>
/// One audit at a time. What was measured of the original and the retrained model is kept for the next candidate, as
/// long as rows, facts, probes, settings and tests are the same objects.
/// </remarks>
/// <param name="clock">Gives the report's time.</param>
/// <param name="logger">Told of tests and verdict in names and numbers; nobody by default.</param>
public sealed class Auditor(TimeProvider clock, ILogger<Auditor>? logger = null)
{
    private readonly ILogger _logger = logger ?? NullLogger<Auditor>.Instance;
    private readonly MeasuredOnce _measured = new();

    /// <summary>Audits.</summary>
    /// <exception cref="InputException">Forget facts are missing, no test can be made, or the original knows none of
    /// the facts.</exception>
    public async Task<AuditReport> RunAsync(
        AuditRequest request,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var (context, reasons) = Prepare(request);
        var deviations = request.Plan?.DifferencesOf(AuditPlan.Of(context, reasons));
        _logger.AuditStarted(
            request.Facts.Count(fact => fact.Scope == FactScope.Forget),
            request.Facts.Count,
            request.Tests.Count,
            context.HasRetrained
        );
        var findings = new List<AuditFinding>();
        var parts = new ProgressParts(progress, Costs(context, reasons));
        foreach (var (i, (test, reason)) in request.Tests.Zip(reasons).Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            context.Progress = parts.Part(i, test.Name, context.Roles.Count);
            findings.Add(
                reason is null
                    ? await MakeAsync(test, context, cancellationToken).ConfigureAwait(false)
                    : NotMade(test, reason)
            );
            parts.End(i, test.Name);
        }

        var report = Report(context, findings) with
        {
            Plan = deviations is null ? null : new(request.Plan!.Sha256, deviations),
        };
        _logger.VerdictReached(RemovalLabels.NameOf(report.Verdict.Label));
        return report;
    }

    /// <summary>What an audit of the request will do; measures nothing.</summary>
    /// <exception cref="InputException">The audit cannot be made.</exception>
    public AuditPlan Plan(AuditRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (context, reasons) = Prepare(request);
        return AuditPlan.Of(context, reasons);
    }

    private (AuditContext Context, string?[] Reasons) Prepare(AuditRequest request)
    {
        if (request.Facts.All(fact => fact.Scope != FactScope.Forget))
            throw new InputException("The audit needs facts of scope forget; there is none.");
        RequireSound(request);
        if (request.Tests.Select(test => test.Name).Distinct().Count() != request.Tests.Count)
            throw new InputException("Two tests of the audit have the same name.");
        var probes = request.Probes ?? OfflineProbes.Generate(request.Facts, request.Sleek);
        var context = new AuditContext(request, probes, _measured);
        var reasons = request.Tests.Select(test => test.WhyNot(context)).ToArray();
        RequireEvidence(request.Tests, reasons);
        return (context, reasons);
    }

    private async Task<AuditFinding> MakeAsync(
        IAuditTest test,
        AuditContext context,
        CancellationToken cancellationToken
    )
    {
        var started = clock.GetTimestamp();
        var finding = await test.RunAsync(context, cancellationToken).ConfigureAwait(false);
        if (finding.NotMade is null)
            _logger.TestMade(test.Name, clock.GetElapsedTime(started).TotalSeconds, finding.Recovery?.Value);
        else
            _logger.TestNotMade(test.Name);
        return finding;
    }

    // Replies are asked for once, by the first test that reads them; a test that is not made costs nothing.
    private static double[] Costs(AuditContext context, string?[] reasons)
    {
        var costs = context.Request.Tests.Select((test, i) => reasons[i] is null ? CostOf(test, context) : 0).ToArray();
        int[] readers =
        [
            .. context.Request.Tests.Index().Where(t => t.Item is AskedTest or SleekTest).Select(t => t.Index),
        ];
        var made = readers.Where(i => reasons[i] is null).ToArray();
        var replies = made.Select(i => costs[i]).DefaultIfEmpty(0).Max();
        foreach (var i in made)
            costs[i] = i == made[0] ? replies : 1;
        return costs;
    }

    private static double CostOf(IAuditTest test, AuditContext context) => Math.Max(1, test.CostOf(context).Units);

    private static void RequireEvidence(IReadOnlyList<IAuditTest> tests, string?[] reasons)
    {
        if (!tests.Zip(reasons).Any(test => test is { Second: null, First.Axis: AuditAxis.Says }))
        {
            throw new InputException(
                "The audit needs a test of what the model says; "
                    + (
                        tests.Zip(reasons).FirstOrDefault(test => test.First.Axis == AuditAxis.Says)
                            is { Second: { } reason } found
                            ? $"'{found.First.Name}' cannot be made: {reason}."
                            : "there is none among its tests."
                    )
            );
        }
    }

    private AuditFinding NotMade(IAuditTest test, string reason)
    {
        _logger.TestNotMade(test.Name);
        return new()
        {
            Test = test.Name,
            Axis = test.Axis,
            Access = test.Access,
            NotMade = reason,
        };
    }

    private AuditReport Report(AuditContext context, IReadOnlyList<AuditFinding> findings)
    {
        var request = context.Request;
        Recovery[] evidence = [.. findings.Select(finding => finding.Recovery).OfType<Recovery>()];
        var says =
            evidence.FirstOrDefault(recovery => recovery.Test == AskedTest.TestName)
            ?? evidence.FirstOrDefault(recovery => recovery.Axis == AuditAxis.Says)
            ?? throw new InputException("No test of what the model says found anything to measure.");
        var provenance = request.Provenance;
        return new()
        {
            Method = request.Method,
            Finished = clock.GetUtcNow(),
            Reference = context.HasRetrained ? "retrained" : "chance",
            Verdict = SokVerdict.Of(
                says,
                findings.Select(finding => finding.Kept).OfType<MeasuredLevel>().MinBy(kept => kept.Value)
                    ?? MeasuredLevel.Missing("no test measured what was kept"),
                evidence,
                findings.Select(finding => finding.PrivacyLeakage).FirstOrDefault(leak => leak is not null),
                AuditBattery.MissingFrom(context, findings),
                request.Verdict
            ),
            Thresholds = request.Verdict,
            Forgotten = ForgottenFacts.Describe(context.Forget, provenance),
            Rows = new Dictionary<string, int>
            {
                ["forget"] = request.Rows.Forget.Count,
                ["retain"] = request.Rows.Retain.Count,
                ["real_authors"] = request.Rows.RealAuthors.Count,
                ["world_facts"] = request.Rows.WorldFacts.Count,
                ["holdout"] = request.Rows.Holdout.Count,
            },
            Findings = findings,
            Judge = request.Judge.Name,
            NotVisited = request.NotVisited,
            ProbesHash = Sleek.Hash(context.Probes),
            Provenance = provenance with
            {
                Seeds = new Dictionary<string, ulong>(provenance.Seeds)
                {
                    ["sleek"] = request.Sleek.Seed,
                    ["bootstrap"] = Recovery.Seed,
                },
            },
            Environment = RunEnvironment.Describe(),
        };
    }

    /// <summary>Everything that would end the audit or spoil a number later is refused before any work.</summary>
    private static void RequireSound(AuditRequest request)
    {
        FactSets.RequireDisjoint(request.Facts);
        var models = request.Models;
        foreach (var (role, model) in new[] { ("candidate", models.Candidate), ("retrained", models.Retrained) })
        {
            if (model is not null && models.Original.Tokenizer.FirstDifference(model.Tokenizer) is { } difference)
                throw new InputException(
                    $"The {role} model's tokenizer is not that of the original, so that their probabilities cannot be "
                        + $"compared: {difference}."
                );
        }
    }
}
