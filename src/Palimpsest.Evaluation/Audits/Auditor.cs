using System.Runtime.InteropServices;

namespace Palimpsest.Evaluation;

/// <summary>Runs benchmark, attack and robustness tests on a model triple and labels the candidate.</summary>
/// <param name="clock">Gives the report's time.</param>
public sealed class Auditor(TimeProvider clock)
{
    private static readonly string[] KnownTests = ["relearning", "8-bit quantisation", "4-bit quantisation", "logit lens", "linear probe", "activation patching", "sampling leak", "soft prompts"];

    /// <summary>Audits.</summary>
    /// <exception cref="InputException">Forget facts are missing, or the original knows none of them.</exception>
    public async Task<AuditReport> RunAsync(AuditRequest request, IProgress<TaskProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var models = request.Models;
        Fact[] forget = [.. request.Facts.Where(fact => fact.Scope == FactScope.Forget)];
        if (forget.Length == 0)
            throw new InputException("The audit needs facts of scope forget; there is none.");
        var tofu = await TofuAsync(request, progress, cancellationToken).ConfigureAwait(false);
        var sleek = await SleekAsync(request, progress, cancellationToken).ConfigureAwait(false);
        var (behaviour, utility, evidence) = await KnowledgeAsync(request, forget, progress, cancellationToken).ConfigureAwait(false);
        evidence.Add(new("Sleek", sleek.Recovery, sleek.Leak.Interval, sleek.Leak.N));
        string[] missing = [.. KnownTests.Where(test => !evidence.Any(e => e.Test.StartsWith(test, StringComparison.Ordinal))),
            .. models.Retrained is null ? ["retrained model: chance level stands in for it"] : Array.Empty<string>()];
        var privLeak = tofu["candidate"].Find("privleak")?.Value;
        var roc = tofu["candidate"].Find("mia_min_k") is { Holdout.Count: > 0 } membership
            ? RocAuc.Curve([.. membership.Items.Select(Score)], [.. membership.Holdout.Select(Score)])
                .Select(point => (IReadOnlyList<double>)[point.FalsePositives, point.TruePositives]).ToArray()
            : [];
        return new()
        {
            Method = request.Method,
            Finished = clock.GetUtcNow(),
            Verdict = SokVerdict.Of(behaviour, utility, evidence, privLeak, missing, request.Verdict),
            Tofu = tofu.ToDictionary(m => m.Key, m => m.Value.Summary),
            TruthRatios = tofu.ToDictionary(m => m.Key, m => (IReadOnlyList<double>)[.. m.Value["forget_truth_ratio"].Items.Select(Score)]),
            MembershipRoc = roc,
            Sleek = sleek,
            Environment = new Dictionary<string, string>
            {
                ["palimpsest"] = typeof(Auditor).Assembly.GetName().Version!.ToString(3),
                ["runtime"] = RuntimeInformation.FrameworkDescription,
                ["platform"] = RuntimeInformation.RuntimeIdentifier,
            },
            Hashes = request.Hashes,
            Seeds = new Dictionary<string, ulong> { ["sleek"] = request.Sleek.Seed },
        };
    }

    private static double Score(TofuItem item) => item.Score!.Value;

    private static async Task<Dictionary<string, TofuResult>> TofuAsync(AuditRequest request, IProgress<TaskProgress>? progress, CancellationToken cancellationToken)
    {
        var models = request.Models;
        Task<TofuResult> Run(IScoredModel model, TofuReference? reference) =>
            TofuBenchmark.RunAsync(model, request.Rows, request.Tofu, reference, progress, cancellationToken);
        var results = new Dictionary<string, TofuResult>();
        TofuReference? reference = null;
        if (models.Retrained is { } retrained)
        {
            results["retrained"] = await Run(retrained, null).ConfigureAwait(false);
            reference = TofuReference.Of(results["retrained"]);
        }

        results["original"] = await Run(models.Original, reference).ConfigureAwait(false);
        results["candidate"] = await Run(models.Candidate, reference).ConfigureAwait(false);
        return results;
    }

    private static async Task<SleekReport> SleekAsync(AuditRequest request, IProgress<TaskProgress>? progress, CancellationToken cancellationToken)
    {
        var probes = OfflineProbes.Generate(request.Facts, request.Sleek, request.Probes);
        var attack = new Sleek(request.Sleek);
        var original = await attack.AskAsync(request.Models.Original, probes, progress, cancellationToken).ConfigureAwait(false);
        var candidate = await attack.AskAsync(request.Models.Candidate, probes, progress, cancellationToken).ConfigureAwait(false);
        var retrained = request.Models.Retrained is { } model
            ? await attack.AskAsync(model, probes, progress, cancellationToken).ConfigureAwait(false)
            : null;
        return Sleek.Report(original, candidate, retrained, request.Facts);
    }

    private static async Task<(Recovery Behaviour, double Utility, List<Recovery> Evidence)> KnowledgeAsync(
        AuditRequest request, Fact[] forget, IProgress<TaskProgress>? progress, CancellationToken cancellationToken)
    {
        var models = request.Models;
        Task<double[]> Know(IScoredModel model, IReadOnlyList<Fact> facts) => FactKnowledge.ScoreAsync(model, facts, cancellationToken);
        Task<double[]> Zero(IScoredModel? model, IReadOnlyList<Fact> facts) =>
            model is null ? Task.FromResult(facts.Select(fact => 1.0 / fact.Candidates.Append(fact.Object).Distinct().Count()).ToArray()) : Know(model, facts);
        var shown = Recovery.Of(
            "direct question", await Know(models.Candidate, forget).ConfigureAwait(false), await Zero(models.Retrained, forget).ConfigureAwait(false),
            await Know(models.Original, forget).ConfigureAwait(false));
        Fact[] retain = [.. request.Facts.Where(fact => fact.Scope == FactScope.Retain && fact.Candidates.Count > 1)];
        var utility = retain.Length == 0 ? 1
            : (await Know(models.Candidate, retain).ConfigureAwait(false)).Average() / (await Know(models.Original, retain).ConfigureAwait(false)).Average();
        var evidence = new List<Recovery>();
        foreach (var test in request.Tests)
        {
            progress?.Report(new(test.Name, evidence.Count, request.Tests.Count));
            using var changed = await test.Transform.ApplyAsync(models.Candidate, progress, cancellationToken).ConfigureAwait(false);
            var measured = await Know(changed, test.Facts).ConfigureAwait(false);
            using var control = test.AlsoOnRetrained && models.Retrained is { } retrained
                ? await test.Transform.ApplyAsync(retrained, progress, cancellationToken).ConfigureAwait(false)
                : null;
            var zero = await Zero(control ?? models.Retrained, test.Facts).ConfigureAwait(false);
            var one = await Know(models.Original, test.Facts).ConfigureAwait(false);
            evidence.Add(Recovery.Of(test.Name, measured, zero, one, test.AlsoOnRetrained ? 0 : shown.Value));
        }

        return (shown, utility, evidence);
    }
}
