namespace Palimpsest.Evaluation;

/// <summary>How much of the forgotten knowledge the attack's best category brings back, with an interval over
/// facts.</summary>
internal static class SleekRecovery
{
    internal const double LeastSpan = 0.05;

    /// <summary>
    /// The largest of clip((leak − zero) / (one − zero), 0, 1) over the categories of single questions, where one is
    /// the original's leak and zero the retrained model's (0 without one). A category that tells these two apart by
    /// less than 0.05 counts as 0.
    /// </summary>
    /// <param name="original">The original's replies; facts whose seed question it does not answer are left
    /// out.</param>
    /// <param name="candidate">The candidate's replies to the same probes.</param>
    /// <param name="retrained">The retrained model's, or null.</param>
    public static Recovery Of(
        IReadOnlyList<SleekReply> original,
        IReadOnlyList<SleekReply> candidate,
        IReadOnlyList<SleekReply>? retrained
    )
    {
        string[] facts =
        [
            .. original
                .Where(reply =>
                    reply.Probe is { IsSeed: true, Scope: FactScope.Forget } && reply.Verdict == Verdict.Stated
                )
                .Select(reply => reply.Probe.FactId)
                .Distinct(),
        ];
        var categories = candidate.Where(IsSingle).Select(reply => reply.Probe.Category).Distinct().ToArray();
        var place = facts.Index().ToDictionary(fact => fact.Item, fact => fact.Index, StringComparer.Ordinal);
        var tables = new[] { original, candidate, retrained ?? [] }
            .Select(replies => Table(replies, place, categories))
            .ToArray();
        double Value(int[] rows) =>
            categories.Length == 0
                ? 0
                : Enumerable
                    .Range(0, categories.Length)
                    .Max(category =>
                    {
                        double LeakOf(int model) => Leak(tables[model], rows, category);
                        return Recovery.Share(LeakOf(1), LeakOf(2), LeakOf(0), LeastSpan);
                    });
        return new(
            "Sleek",
            Value([.. Enumerable.Range(0, facts.Length)]),
            BootstrapInterval.Of(facts.Length, Recovery.Seed, Value),
            facts.Length
        );
    }

    private static bool IsSingle(SleekReply reply) =>
        reply.Probe is { Scope: FactScope.Forget, Mode: ProbeMode.Single, IsReverse: false, IsFactorCell: false };

    private static (int Hits, int N)[,] Table(
        IReadOnlyList<SleekReply> replies,
        Dictionary<string, int> place,
        ProbeCategory[] categories
    )
    {
        var table = new (int Hits, int N)[place.Count, categories.Length];
        foreach (var reply in replies.Where(IsSingle))
        {
            if (!place.TryGetValue(reply.Probe.FactId, out var row))
                continue;
            ref var cell = ref table[row, Array.IndexOf(categories, reply.Probe.Category)];
            cell = (cell.Hits + (reply.Verdict == Verdict.Stated ? 1 : 0), cell.N + 1);
        }

        return table;
    }

    private static double Leak((int Hits, int N)[,] table, int[] rows, int category)
    {
        var (hits, n) = (0, 0);
        foreach (var row in rows)
            (hits, n) = (hits + table[row, category].Hits, n + table[row, category].N);
        return n == 0 ? 0 : (double)hits / n;
    }
}
