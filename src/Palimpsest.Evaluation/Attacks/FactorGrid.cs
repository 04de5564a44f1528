namespace Palimpsest.Evaluation;

/// <summary>Main effects of the six cells: decomposition × reasoning, and with decomposition own replies in
/// context.</summary>
internal static class FactorGrid
{
    /// <summary>The effects; empty when no fact has all cells.</summary>
    public static IReadOnlyList<FactorEffect> Of(IEnumerable<SleekReply> replies, ulong seed)
    {
        var facts = replies
            .Where(reply => reply.Probe.IsFactorCell)
            .GroupBy(reply => reply.Probe.FactId)
            .Select(fact =>
                fact.ToDictionary(
                    reply => (reply.Probe.Mode, reply.Probe.Reasoning),
                    reply => reply.Verdict == Verdict.Stated ? 1.0 : 0.0
                )
            )
            .Where(cells => cells.Count == 6)
            .ToArray();
        if (facts.Length == 0)
            return [];
        double[] Differences(Func<ProbeMode, bool, bool> with, Func<ProbeMode, bool, bool> without) =>
            [
                .. facts.Select(cells =>
                    cells.Where(cell => with(cell.Key.Mode, cell.Key.Reasoning)).Average(cell => cell.Value)
                    - cells.Where(cell => without(cell.Key.Mode, cell.Key.Reasoning)).Average(cell => cell.Value)
                ),
            ];
        FactorEffect Effect(string name, double[] differences) =>
            new(
                name,
                differences.Average(),
                BootstrapInterval.OfMean(differences, (int)(seed & int.MaxValue)),
                differences.Length
            );
        return
        [
            Effect(
                "decomposition",
                Differences((mode, _) => mode == ProbeMode.Chain, (mode, _) => mode == ProbeMode.Seed)
            ),
            Effect("reasoning", Differences((_, reasoning) => reasoning, (_, reasoning) => !reasoning)),
            Effect(
                "own replies",
                Differences((mode, _) => mode == ProbeMode.Conversation, (mode, _) => mode == ProbeMode.Chain)
            ),
        ];
    }
}
