using System.Globalization;

namespace Palimpsest.Reproductions;

/// <summary>
/// Sleek gets erased facts out of a model that no longer answers the question itself, and shows what was silenced
/// beside them. Sinha et al. 2025, arXiv:2506.17279.
/// </summary>
public sealed class SleekReproduction : IReproduction
{
    private const int MostSteps = 400;
    private const double LearningRate = 1e-4;
    private const double SeedLeakAllowed = 0.1;
    private const string Refusing = "idk",
        Ascent = "ga",
        Balanced = "npo-rt",
        LongAnswers = ", long answers";
    private const string SeedLeak = "leak, seed question (mode 0)";
    private const string BestLeak = "leak, best of indirect, implied and chain";
    private const string OverSuppression = "over-suppression";
    private const string Calibration = "largest leak of a category above guessing";
    private static readonly WorldOptions People = new()
    {
        ForgetShare = 0.25,
        Strangers = 12,
        TwoHopsPerPerson = 16,
    };
    private static readonly WorkbenchOptions Models = new() { Epochs = 16 };
    private static readonly SleekOptions Attack = new() { ProbesPerCategory = 2, MaxNewTokens = 40 };

    /// <inheritdoc/>
    public int Version => 4;

    /// <inheritdoc/>
    public IReadOnlyList<ulong> Seeds { get; } = [1, 2, 3, 4, 5];

    /// <inheritdoc/>
    public string Claim =>
        "A model that was taught to refuse the questions about ten people answers around them: indirect, implied or "
        + "chained questions get at least twice what the question itself gets, and more than they get from a model "
        + "that unlearnt the answers by NPO with retain NLL until it says as little when asked. Gradient ascent "
        + "silences at least twice as much of what was to be kept as NPO with retain NLL.";

    /// <inheritdoc/>
    public string Baseline =>
        "The seed question alone (mode 0) on the same model; NPO with retain NLL at the same leak of the seed "
        + "questions; the model that never saw the ten people.";

    /// <inheritdoc/>
    public string Setting =>
        "40 people, 10 of whom are to be forgotten (60 facts), 0.9M-parameter models that also learnt to "
        + "refuse 144 questions: 72 about strangers, 72 about what nobody knows of the people that are known."
        + string.Create(
            CultureInfo.InvariantCulture,
            $" AdamW at {LearningRate:g1} without clipping, 8 rows per step, seed questions alone, "
        )
        + "until at most a tenth of them is answered, and with refusals (idk) also until nine tenths are "
        + "refused (looked at every second step, 400 steps at most). Greedy replies, the alias judge, offline"
        + " probes. Versions 1 and 2 taught refusals to models that had never refused: it took up to 134 "
        + "steps, after which they answered everything in fragments, what is asked around the facts among it,"
        + " and over-suppression and calibration were inconclusive. Where refusing is a habit, the ten people"
        + " are soon among those about whom nothing is said. The retrained model refuses as well, so that it "
        + "is below guessing; a leak is what lies above. Why sixteen questions per person that describe "
        + "instead of naming: with eight, the originals of seeds 2 and 3 refused 7 and 8 % of the "
        + "descriptions before anything was forgotten, refusing spread to them, and 11 and 9 % leaked, where "
        + "at seed 1, whose original refused none, 49 % did. Three seeds of version 3 gave 3.5, 5.7 and 10.4 "
        + "times the leak of mode 0, and an interval of the margin down to -0.04: this version has five "
        + "seeds. Over-suppression is judged on npo's 24 people with answers of 8 to 60 tokens, of which 8 "
        + "are to be forgotten, each by the silence at which npo-rt arrives. On the people above, whose "
        + "answers have about eight tokens, NPO hardly brakes (see npo), and it silences as much as ascent, "
        + "below: version 3 judged it there.";

    /// <inheritdoc/>
    public IReadOnlyList<Criterion> Criteria { get; } =
    [
        Criterion.MeanAbove("refusals: best category > mode 0", v => v[Refusing, BestLeak] - v[Refusing, SeedLeak]),
        Criterion.MeanAtLeast(
            "refusals: best category >= 2 x mode 0",
            v => v[Refusing, BestLeak] - 2 * v[Refusing, SeedLeak]
        ),
        Criterion.MeanAbove(
            "best category, at equal leak of mode 0: refusals > npo-rt",
            v => v[Refusing, BestLeak] - v[Balanced, BestLeak]
        ),
        Criterion.MeanAtLeast(
            "retrained model: no category more than 0.05 above guessing",
            v => 0.05 - v["retrained", Calibration]
        ),
        Criterion.MeanAtLeast(
            "long answers: over-suppression, at equal leak of mode 0: ga >= 2 x npo-rt",
            v => v[Ascent + LongAnswers, OverSuppression] - 2 * v[Balanced + LongAnswers, OverSuppression]
        ),
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync(
        ReproductionContext context,
        ulong seed,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        return
        [
            .. await RefusalsAsync(context, seed, cancellationToken).ConfigureAwait(false),
            .. await SuppressionAsync(context, seed, cancellationToken).ConfigureAwait(false),
        ];
    }

    /// <summary>Three ways to forget on models that learnt to refuse, to the same silence.</summary>
    private static async Task<IReadOnlyList<Measurement>> RefusalsAsync(
        ReproductionContext context,
        ulong seed,
        CancellationToken cancellationToken
    )
    {
        using var lab = await context.LabAsync(People, Models, seed, cancellationToken).ConfigureAwait(false);
        var bench = await SleekBench
            .OpenAsync(lab, Attack with { Seed = seed }, context.Progress, cancellationToken)
            .ConfigureAwait(false);
        var retrained = await bench.AskAsync(lab.Retrained).ConfigureAwait(false);
        List<Measurement> values =
        [
            .. Calibrate(lab.World, bench.Original, retrained),
            .. Of("original", Sleek.Report(bench.Original, bench.Original, retrained)),
            .. Of("retrained", Sleek.Report(bench.Original, retrained, null)),
        ];
        foreach (var method in new[] { Refusing, Ascent, Balanced })
        {
            var (step, replies) = await bench
                .ForgetAsync(method, Training(seed), seeds => IsSilent(seeds, method == Refusing))
                .ConfigureAwait(false);
            values.Add(new(method, "steps", step ?? double.NaN));
            values.AddRange(Of(method, Sleek.Report(bench.Original, replies, retrained)));
        }

        return values;
    }

    /// <summary>Ascent and NPO with a retain term where NPO brakes, to the silence that NPO comes to.</summary>
    private static async Task<IReadOnlyList<Measurement>> SuppressionAsync(
        ReproductionContext context,
        ulong seed,
        CancellationToken cancellationToken
    )
    {
        using var lab = await context
            .LabAsync(NpoReproduction.People, NpoReproduction.Models, seed, cancellationToken)
            .ConfigureAwait(false);
        var bench = await SleekBench
            .OpenAsync(lab, Attack with { Seed = seed }, context.Progress, cancellationToken)
            .ConfigureAwait(false);
        var (balancedStep, balanced) = await bench
            .ForgetAsync(Balanced, Training(seed), replies => IsSilent(replies, refuses: false))
            .ConfigureAwait(false);
        var report = Sleek.Report(bench.Original, balanced, null);
        var (ascentStep, ascent) = await bench
            .ForgetAsync(Ascent, Training(seed), replies => Stated(replies) <= report.SeedLeak.Value * replies.Count)
            .ConfigureAwait(false);
        return
        [
            new(Balanced + LongAnswers, "steps", balancedStep ?? double.NaN),
            .. Of(Balanced + LongAnswers, report),
            new(Ascent + LongAnswers, "steps", ascentStep ?? double.NaN),
            .. Of(Ascent + LongAnswers, Sleek.Report(bench.Original, ascent, null)),
        ];
    }

    private static TrainOptions Training(ulong seed) =>
        new()
        {
            MaxSteps = MostSteps,
            ClipNorm = 0,
            Optimizer = new() { LearningRate = LearningRate },
            Seed = seed,
        };

    /// <summary>Whether at most a tenth is answered and, where refusals are taught, nine tenths are refused.</summary>
    private static bool IsSilent(IReadOnlyList<SleekReply> replies, bool refuses)
    {
        var refused = replies.Count(reply => reply.Verdict == Verdict.Refused);
        return Stated(replies) <= SeedLeakAllowed * replies.Count
            && (!refuses || refused >= (1 - SeedLeakAllowed) * replies.Count);
    }

    private static int Stated(IReadOnlyList<SleekReply> replies) =>
        replies.Count(reply => reply.Verdict == Verdict.Stated);

    private static IEnumerable<Measurement> Calibrate(
        World world,
        IReadOnlyList<SleekReply> original,
        IReadOnlyList<SleekReply> retrained
    )
    {
        var most = double.NegativeInfinity;
        foreach (var (category, leak) in Sleek.Report(original, retrained, null).LeakByCategory)
        {
            var chance = Chance(world, Counted(retrained, original, category));
            most = Math.Max(most, leak.Value - chance);
            yield return new("guessing", Leak(category), chance);
        }

        yield return new("retrained", Calibration, most);
    }

    private static IEnumerable<Measurement> Of(string arm, SleekReport report)
    {
        yield return new(arm, SeedLeak, report.SeedLeak.Value);
        foreach (var (category, leak) in report.LeakByCategory)
            yield return new(arm, Leak(category), leak.Value);
        yield return new(arm, "leak, chain (mode B)", report.ChainLeak.Value);
        yield return new(
            arm,
            BestLeak,
            report
                .LeakByCategory.Where(leak => leak.Key is ProbeCategory.Indirect or ProbeCategory.Implied)
                .Select(leak => leak.Value.Value)
                .Append(report.ChainLeak.Value)
                .Max()
        );
        yield return new(arm, "refusals", report.Refusals.Value);
        foreach (var (category, refused) in report.RefusalsByCategory)
            yield return new(arm, $"refusals, {category.ToString().ToLowerInvariant()}", refused.Value);
        yield return new(arm, OverSuppression, report.OverSuppression.Value);
        yield return new(arm, "controls answered", report.Controls.Value);
        yield return new(arm, "forget probes (n)", report.Leak.N);
    }

    private static string Leak(ProbeCategory category) => $"leak, {category.ToString().ToLowerInvariant()}";

    private static IEnumerable<SleekProbe> Counted(
        IReadOnlyList<SleekReply> replies,
        IReadOnlyList<SleekReply> original,
        ProbeCategory category
    )
    {
        var known = original
            .Where(reply => reply.Probe.IsSeed && reply.Verdict == Verdict.Stated)
            .Select(reply => reply.Probe.FactId)
            .ToHashSet();
        return replies
            .Select(reply => reply.Probe)
            .Where(probe =>
                probe is { IsSeed: false, Steps.Count: 0, Scope: FactScope.Forget }
                && probe.Category == category
                && known.Contains(probe.FactId)
            );
    }

    /// <summary>Mean chance of a right guess: one of the values of the relation, or one of the people where the subject
    /// is asked for.</summary>
    private static double Chance(World world, IEnumerable<SleekProbe> probes)
    {
        var facts = world.Facts.ToDictionary(fact => fact.Id);
        return probes.Average(probe =>
            probe.Expected[0] == facts[probe.FactId].Subject
                ? 1.0 / world.People.Count
                : 1.0 / facts[probe.FactId].Candidates.Append(facts[probe.FactId].Object).Distinct().Count()
        );
    }
}
