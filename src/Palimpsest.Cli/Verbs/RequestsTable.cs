using System.Globalization;
using Palimpsest.Evaluation;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary>Deletion requests as a table: a line for the model before, after each step, and after relearning.</summary>
internal static class RequestsTable
{
    /// <summary>Makes the table.</summary>
    public static Table Create(RequestsReport report)
    {
        var table = new Table()
            .Border(TableBorder.Simple)
            .AddColumns("After", "Still right: granted", "Probability: granted", "Still right: not yet", "Kept right");
        table.AddRow("nothing", "", "", Right(report.Before.Values), Kept(report.KeptBefore));
        var granted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in report.Steps)
        {
            granted.UnionWith(step.Requests);
            table.AddRow(
                step.Requests.Count == 1 ? Markup.Escape(step.Requests[0]) : "all at once",
                Right(step.Known.Where(pair => granted.Contains(pair.Key)).Select(pair => pair.Value)),
                Probability(step.Known.Where(pair => granted.Contains(pair.Key)).Select(pair => pair.Value)),
                Right(step.Known.Where(pair => !granted.Contains(pair.Key)).Select(pair => pair.Value)),
                Kept(step.Kept)
            );
        }

        if (report.AfterRelearning.Count > 0)
        {
            table.AddRow(
                "its untaught half",
                Right(report.BeforeRelearning.Values),
                Probability(report.BeforeRelearning.Values),
                "",
                ""
            );
            table.AddRow(
                "relearning the rest",
                Right(report.AfterRelearning.Values),
                Probability(report.AfterRelearning.Values),
                "",
                ""
            );
        }

        return table;
    }

    private static string Kept(RowKnowledge? known) => known is null ? "" : Right([known]);

    private static string Right(IEnumerable<RowKnowledge> known)
    {
        RowKnowledge[] all = [.. known];
        return all.Length == 0
            ? ""
            : LevelText.Format(
                MeasuredLevel.FromRate(new(all.Sum(one => one.Right.Hits), all.Sum(one => one.Right.N)))
            );
    }

    private static string Probability(IEnumerable<RowKnowledge> known)
    {
        RowKnowledge[] all = [.. known];
        var rows = all.Sum(one => one.Probability.N);
        return rows == 0
            ? ""
            : (all.Sum(one => one.Probability.Value * one.Probability.N) / rows).ToString(
                "f3",
                CultureInfo.InvariantCulture
            );
    }
}
