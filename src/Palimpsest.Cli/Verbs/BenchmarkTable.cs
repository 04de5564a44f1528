using System.Globalization;
using Palimpsest.Evaluation;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary>A benchmark's scores as a table.</summary>
internal static class BenchmarkTable
{
    public static Table Of(BenchmarkResult result, BenchmarkResult? retrained)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Score", "Value", "95 %", "n", "Guess");
        var declines = result.Scores.Any(score => score.Refused is not null);
        if (declines)
            table.AddColumn("Declined");
        if (retrained is not null)
            table.AddColumn("Retrained");
        foreach (var score in result.Scores)
        {
            string[] cells =
            [
                Markup.Escape(score.Name),
                Markup.Escape(score.Level.ValueReason ?? Number(score.Level.Value)),
                Ends(score.Level.Interval),
                score.Level.N.ToString(CultureInfo.InvariantCulture),
                score.Chance is { } chance ? Number(chance) : PercentText.Missing,
                .. declines ? [Declined(score)] : Array.Empty<string>(),
                .. retrained is null ? Array.Empty<string>() : [Beside(score, retrained)],
            ];
            table.AddRow(cells);
        }

        return table;
    }

    private static string Beside(BenchmarkScore score, BenchmarkResult retrained) =>
        retrained.Scores.FirstOrDefault(other => other.Name == score.Name) is { Level.ValueReason: null } other
            ? $"{Number(other.Level.Value)} ({Ends(other.Level.Interval)})"
            : PercentText.Missing;

    private static string Declined(BenchmarkScore score) =>
        score.Refused is { N: > 0 } refused
            ? $"{PercentText.Of(refused.Value)} ({PercentText.Whole(refused.Interval.Low)}–"
                + $"{PercentText.Of(refused.Interval.High)})"
            : PercentText.Missing;

    private static string Ends(Interval interval) =>
        interval == Interval.None ? PercentText.Missing : $"{Number(interval.Low)} to {Number(interval.High)}";

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
