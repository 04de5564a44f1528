namespace Palimpsest.Evaluation;

/// <summary>Runs benchmark, attack and robustness tests on a model triple and labels the candidate.</summary>
/// <remarks>
/// One audit at a time. What was measured of the original and the retrained model is kept for the next candidate, as
/// long as
/// rows, facts and settings are the same objects.
/// </remarks>
/// <param name="clock">Gives the report's time.</param>
public sealed class Auditor(TimeProvider clock)
{
    private static readonly string[] KnownTests =
    [
        "relearning",
        "8-bit quantisation",
        "4-bit quantisation",
        "logit lens",
        "linear probe",
        "activation patching",
        "sampling leak",
        "soft prompts",
    ];

    private readonly MeasuredOnce _measured = new();

    /// <summary>Audits.</summary>
    /// <exception cref="InputException">Forget facts are missing, or the original knows none of them.</exception>
    public async Task<AuditReport> RunAsync(
        AuditRequest request,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Facts.All(fact => fact.Scope != FactScope.Forget))
            throw new InputException("The audit needs facts of scope forget; there is none.");
        RequireSound(request);
        var tofu = await TofuAsync(request, progress, cancellationToken).ConfigureAwait(false);
        var (sleek, recovered) = await SleekAsync(request, progress, cancellationToken).ConfigureAwait(false);
        var knowledge = await new KnowledgeTests(request, _measured, progress)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
        Recovery[] evidence = [.. knowledge.Evidence, recovered];
        string[] missing =
        [
            .. KnownTests.Where(test => !evidence.Any(e => e.Test.StartsWith(test, StringComparison.Ordinal))),
            .. request.Rows.Holdout.Count == 0
                ? ["membership: no rows that no model saw were given"]
                : Array.Empty<string>(),
            .. request.Models.Retrained is null
                ? ["retrained model: chance level stands in for it"]
                : Array.Empty<string>(),
        ];
        var privLeak = tofu["candidate"].Find("privleak")?.Value;
        var utility = Math.Min(knowledge.Utility, KeptUtility(tofu["original"], tofu["candidate"]));
        return new()
        {
            Method = request.Method,
            Finished = clock.GetUtcNow(),
            Verdict = SokVerdict.Of(knowledge.Behaviour, utility, evidence, privLeak, missing, request.Verdict),
            Thresholds = request.Verdict,
            Rows = new Dictionary<string, int>
            {
                ["forget"] = request.Rows.Forget.Count,
                ["retain"] = request.Rows.Retain.Count,
                ["real_authors"] = request.Rows.RealAuthors.Count,
                ["world_facts"] = request.Rows.WorldFacts.Count,
                ["holdout"] = request.Rows.Holdout.Count,
            },
            Tofu = tofu.ToDictionary(m => m.Key, m => m.Value.Summary),
            TruthRatios = tofu.ToDictionary(
                m => m.Key,
                m => (IReadOnlyList<double>)[.. m.Value["forget_truth_ratio"].Items.Select(Score)]
            ),
            MembershipRoc = tofu.Where(m => m.Value.Find("mia_min_k") is not null)
                .ToDictionary(m => m.Key, m => Roc(m.Value["mia_min_k"])),
            Sleek = sleek,
            Judge = request.Judge.Name,
            Environment = RunEnvironment.Describe(),
            Hashes = request.Hashes,
            NotVisited = request.NotVisited,
            Seeds = new Dictionary<string, ulong>(request.Seeds)
            {
                ["sleek"] = request.Sleek.Seed,
                ["bootstrap"] = Recovery.Seed,
            },
        };
    }

    /// <summary>Everything that would end the audit or spoil a number later is refused before any work.</summary>
    private static void RequireSound(AuditRequest request)
    {
        request.Rows.Require(wrongAnswers: true);
        FactSets.RequireDisjoint(request.Facts);
        FactSets.RequireCandidates(request.Facts.Where(fact => fact.Scope == FactScope.Forget));
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

    // Candidates' probabilities reward guessing; a model that answers nothing shows in the benchmark's utility alone.
    internal static double KeptUtility(TofuResult original, TofuResult candidate) =>
        original.Find("model_utility")?.Value is > 0 and var before
        && candidate.Find("model_utility")?.Value is { } after
            ? after / before
            : 1;

    private static double Score(TofuItem item) => item.Score!.Value;

    // Scores are high for non-members; the report's curve is that of finding members, hence the complements.
    private static IReadOnlyList<IReadOnlyList<double>> Roc(TofuMetric membership) =>
        [
            .. RocAuc
                .Curve([.. membership.Items.Select(Score)], [.. membership.Holdout.Select(Score)])
                .Reverse()
                .Select(point => (IReadOnlyList<double>)[1 - point.TruePositives, 1 - point.FalsePositives]),
        ];

    private async Task<Dictionary<string, TofuResult>> TofuAsync(
        AuditRequest request,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var models = request.Models;
        Task<TofuResult> Run(string role, IScoredModel model, TofuReference? reference) =>
            TofuBenchmark.RunAsync(
                model,
                request.Rows,
                request.Tofu,
                reference,
                progress,
                request.Stages.Within($"tofu-{role}"),
                cancellationToken
            );
        var results = new Dictionary<string, TofuResult>();
        TofuReference? reference = null;
        if (models.Retrained is { } retrained)
        {
            results["retrained"] = await _measured
                .GetAsync(("tofu", retrained, request.Rows, request.Tofu), () => Run("retrained", retrained, null))
                .ConfigureAwait(false);
            reference = TofuReference.Of(results["retrained"]);
        }

        results["original"] = await _measured
            .GetAsync(
                ("tofu", models.Original, models.Retrained, request.Rows, request.Tofu),
                () => Run("original", models.Original, reference)
            )
            .ConfigureAwait(false);
        results["candidate"] = await Run("candidate", models.Candidate, reference).ConfigureAwait(false);
        return results;
    }

    private async Task<(SleekReport Report, Recovery Recovered)> SleekAsync(
        AuditRequest request,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var probes = OfflineProbes.Generate(request.Facts, request.Sleek, request.Probes);
        var attack = new Sleek(request.Sleek, request.Judge);
        Task<IReadOnlyList<SleekReply>> Ask(string role, IScoredModel model) =>
            request.Stages.GetAsync($"sleek-{role}", () => attack.AskAsync(model, probes, progress, cancellationToken));
        Task<IReadOnlyList<SleekReply>> AskOnce(string role, IScoredModel model) =>
            _measured.GetAsync(
                ("sleek", model, request.Facts, request.Probes, request.Sleek, request.Judge),
                () => Ask(role, model)
            );
        var original = await AskOnce("original", request.Models.Original).ConfigureAwait(false);
        var candidate = await Ask("candidate", request.Models.Candidate).ConfigureAwait(false);
        var retrained = request.Models.Retrained is { } model
            ? await AskOnce("retrained", model).ConfigureAwait(false)
            : null;
        return (
            Sleek.Report(original, candidate, retrained, request.Facts),
            SleekRecovery.Of(original, candidate, retrained)
        );
    }
}
