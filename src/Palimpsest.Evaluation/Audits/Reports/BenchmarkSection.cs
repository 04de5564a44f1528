using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>The cards of a <see cref="BenchmarkTest"/>.</summary>
internal static class BenchmarkSection
{
    private const int MostShown = 20;

    public static IReadOnlyList<AuditSection> Create(string name, IReadOnlyDictionary<string, BenchmarkResult> results)
    {
        var candidate = results["candidate"];
        var parts = new List<SectionPart>
        {
            new TablePart(["Score", .. results.Keys], [.. candidate.Scores.Select((_, i) => Row(i, results))]),
        };
        if (candidate.Scores.Any(score => score.Refused is { Hits: > 0 }))
            parts.Add(
                new TextPart("Declined: " + string.Join("; ", candidate.Scores.Select(Declined).OfType<string>()))
            );
        BenchmarkItem[] told =
        [
            .. candidate
                .ItemsOf(ScoreMeaning.Forgotten)
                .Where(item => item.Value > 0 && item.Said.Length > 0)
                .OrderByDescending(item => item.Value),
        ];
        if (told.Length > 0)
        {
            parts.Add(
                new TablePart(["Score", "Shown", "Expected", "Said", "Value"], [.. told.Take(MostShown).Select(RowOf)])
                {
                    TextColumns = 4,
                    FoldedUnder = $"Forgotten rows that still count: {told.Length}",
                }
            );
        }

        return [new($"Benchmark: {name}", parts)];
    }

    private static IReadOnlyList<string> Row(int score, IReadOnlyDictionary<string, BenchmarkResult> results) =>
        [results["candidate"].Scores[score].Name, .. results.Values.Select(result => Text(result.Scores[score].Level))];

    private static IReadOnlyList<string> RowOf(BenchmarkItem item) =>
        [item.Score, item.Prompt.Length > 0 ? item.Prompt : item.Id, item.Expected, item.Said, Number(item.Value)];

    private static string? Declined(BenchmarkScore score) =>
        score.Refused is { Hits: > 0 } refused
            ? $"{score.Name} {ReportText.Percent(refused.Value)} [{ReportText.Percent(refused.Interval)}, "
                + $"n = {refused.N}]"
            : null;

    private static string Text(MeasuredLevel level)
    {
        if (level.ValueReason is { } reason)
            return reason;
        var ends =
            level.Interval == Interval.None ? "" : $" [{Number(level.Interval.Low)}, {Number(level.Interval.High)}]";
        return $"{Number(level.Value)}{ends}, n = {level.N}";
    }

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
