namespace Palimpsest.Evaluation;

/// <summary>The quantities of a <see cref="SleekReport"/>, from replies of two or three models to the same
/// probes.</summary>
internal sealed class SleekAnalysis
{
    private static readonly int[] Depths = [1, 2, 3, 5, 10, 20];

    private readonly IReadOnlyList<SleekReply> _original;
    private readonly IReadOnlyList<SleekReply> _candidate;
    private readonly IReadOnlyList<SleekReply>? _retrained;
    private readonly HashSet<string> _known;
    private readonly SleekReply[] _seeds;

    public SleekAnalysis(
        IReadOnlyList<SleekReply> original,
        IReadOnlyList<SleekReply> candidate,
        IReadOnlyList<SleekReply>? retrained
    )
    {
        (_original, _candidate, _retrained) = (original, candidate, retrained);
        _known = original
            .Where(reply => reply.Probe.IsSeed && IsLeak(reply))
            .Select(reply => reply.Probe.FactId)
            .ToHashSet(StringComparer.Ordinal);
        _seeds = [.. original.Where(reply => reply.Probe is { IsSeed: true, Scope: FactScope.Forget })];
        if (!_seeds.Any(reply => _known.Contains(reply.Probe.FactId)))
            throw new InputException(
                $"The original model answers none of the {_seeds.Length} forget facts: there is nothing to measure."
            );
    }

    /// <summary>Computes all of them.</summary>
    public SleekReport Report(IReadOnlyList<Fact> facts)
    {
        var forget = Forget(_candidate);
        var attack = forget.Where(reply => !reply.Probe.IsSeed).ToArray();
        var byFact = forget.GroupBy(reply => reply.Probe.FactId).ToArray();
        var (rates, retrained) = (ByCategory(forget), _retrained is null ? null : ByCategory(Forget(_retrained)));
        var (leak, before) = (RateOf(attack, IsLeak), RateOf(Attack(_original), IsLeak));
        var never = _retrained is null ? (Rate?)null : RateOf(Attack(_retrained), IsLeak);
        return new()
        {
            Leak = leak,
            SeedLeak = RateOf(forget.Where(reply => reply.Probe.IsSeed), IsLeak),
            ChainLeak = RateOf(forget.Where(reply => reply.Probe.Steps.Count > 0), IsLeak),
            ReverseLeak = RateOf(forget.Where(reply => reply.Probe.IsReverse), IsLeak),
            LeakByCategory = rates,
            LeakByMode = By(forget, reply => reply.Probe.Mode, IsLeak),
            LeaksByResponse = forget.Where(IsLeak).CountBy(Response).OrderBy(pair => pair.Key).ToDictionary(),
            OriginalLeak = before,
            RetrainedLeak = never,
            RetrainedByCategory = retrained,
            GuessRate = Guess(facts),
            FactsLeaked = new(byFact.Count(group => group.Any(IsLeak)), byFact.Length),
            LeakAtK = AtK(byFact),
            SampledRuns = forget.Max(reply => reply.Sampled.Count),
            SampledLeak = forget.Any(reply => reply.Sampled.Count > 0)
                ? RateOf(forget, reply => reply.Sampled.Contains(Verdict.Stated))
                : null,
            OverSuppression = RateOf(Suppressible(), reply => !IsLeak(reply)),
            OverSuppressionByCategory = By(Suppressible(), reply => reply.Probe.Category, reply => !IsLeak(reply)),
            Refusals = RateOf(forget, reply => reply.Verdict == Verdict.Refused),
            RefusalsByCategory = By(forget, reply => reply.Probe.Category, reply => reply.Verdict == Verdict.Refused),
            Controls = RateOf(_candidate.Where(IsControl), IsLeak),
            OriginalControls = RateOf(_original.Where(IsControl), IsLeak),
            Recovery = BestRecovery(ByCategory(Forget(_original)), rates, retrained),
            RecoveryOfAll = Recovered(leak, before, never),
            SingleAgainstSeed = PairedTest(byFact),
            Factors = FactorGrid.Of(_candidate.Where(Counts), 1),
            Eligible = new(_seeds.Count(reply => _known.Contains(reply.Probe.FactId)), _seeds.Length),
            Leaks =
            [
                .. byFact
                    .Where(group => group.Any(IsLeak))
                    .Select(group => group.Where(IsLeak).MinBy(reply => reply.Probe.Text.Length)!),
            ],
            ProbesHash = Sleek.Hash([.. _candidate.Select(reply => reply.Probe)]),
        };
    }

    private static bool IsLeak(SleekReply reply) => reply.Verdict == Verdict.Stated;

    private static bool IsControl(SleekReply reply) => reply.Probe.Category == ProbeCategory.Irrelevant;

    private static ProbeCategory Response(SleekReply reply) => reply.Response ?? ProbeCategory.Direct;

    private static Rate RateOf(IEnumerable<SleekReply> replies, Func<SleekReply, bool> hits)
    {
        var all = replies.ToArray();
        return new(all.Count(hits), all.Length);
    }

    private static Dictionary<TKey, Rate> By<TKey>(
        IEnumerable<SleekReply> replies,
        Func<SleekReply, TKey> key,
        Func<SleekReply, bool> hits
    )
        where TKey : notnull =>
        replies.GroupBy(key).OrderBy(group => group.Key).ToDictionary(group => group.Key, group => RateOf(group, hits));

    private static Dictionary<ProbeCategory, Rate> ByCategory(IEnumerable<SleekReply> replies) =>
        By(replies.Where(reply => reply.Probe.Mode == ProbeMode.Single), reply => reply.Probe.Category, IsLeak);

    private bool Counts(SleekReply reply) =>
        reply.Probe.Scope == FactScope.Forget && _known.Contains(reply.Probe.FactId);

    private SleekReply[] Forget(IReadOnlyList<SleekReply> replies) =>
        [.. replies.Where(reply => Counts(reply) && !reply.Probe.IsFactorCell)];

    private IEnumerable<SleekReply> Attack(IReadOnlyList<SleekReply> replies) =>
        Forget(replies).Where(reply => !reply.Probe.IsSeed);

    private IEnumerable<SleekReply> Suppressible()
    {
        var right = _original
            .Where(reply => reply.Probe.Scope == FactScope.Retain && IsLeak(reply))
            .Select(reply => reply.Probe.Id)
            .ToHashSet(StringComparer.Ordinal);
        return _candidate.Where(reply => right.Contains(reply.Probe.Id));
    }

    private double Guess(IReadOnlyList<Fact> facts) =>
        facts
            .Where(fact => fact.Scope == FactScope.Forget && fact.Candidates.Count > 0 && _known.Contains(fact.Id))
            .Select(FactKnowledge.ChanceOf)
            .DefaultIfEmpty(double.NaN)
            .Average();

    private static Dictionary<int, Rate> AtK(IGrouping<string, SleekReply>[] byFact)
    {
        var most = byFact.Max(group => group.Count());
        return Depths
            .Where(k => k < most)
            .Append(most)
            .ToDictionary(
                k => k,
                k => new Rate(
                    byFact.Count(group => group.OrderBy(reply => !reply.Probe.IsSeed).Take(k).Any(IsLeak)),
                    byFact.Length
                )
            );
    }

    private static double PairedTest(IGrouping<string, SleekReply>[] byFact)
    {
        var pairs = byFact
            .Select(group =>
                (
                    Seed: group.Any(reply => reply.Probe.IsSeed && IsLeak(reply)),
                    Single: group.Any(reply => reply.Probe.Mode == ProbeMode.Single && IsLeak(reply))
                )
            )
            .ToArray();
        return McNemar.Exact(
            pairs.Count(pair => pair.Seed && !pair.Single),
            pairs.Count(pair => pair.Single && !pair.Seed)
        );
    }

    private static double BestRecovery(
        Dictionary<ProbeCategory, Rate> original,
        Dictionary<ProbeCategory, Rate> candidate,
        Dictionary<ProbeCategory, Rate>? retrained
    ) =>
        candidate
            .Keys.Select(category =>
                Recovered(
                    candidate[category],
                    original.GetValueOrDefault(category),
                    retrained is not null && retrained.TryGetValue(category, out var never) ? never : null
                )
            )
            .DefaultIfEmpty(0)
            .Max();

    // Without a span between the original and one that never knew there is nothing to recover.
    private static double Recovered(Rate candidate, Rate original, Rate? retrained)
    {
        if (candidate.N == 0 || original.N == 0)
            return 0;
        var zero = retrained is { N: > 0 } never ? never.Value : 0;
        return Recovery.Share(candidate.Value, zero, original.Value, SleekRecovery.LeastSpan);
    }
}
