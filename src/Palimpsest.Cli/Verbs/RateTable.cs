using System.Globalization;
using Palimpsest.Evaluation;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary>Rates by group as a table, each with its interval and its count.</summary>
internal static class RateTable
{
    public static Table Of(
        IReadOnlyDictionary<string, Rate> rates,
        string title,
        IReadOnlyDictionary<string, double>? chance = null
    )
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Questions", title, "95 %", "n");
        if (chance is not null)
            table.AddColumn("Chance");
        foreach (var (group, rate) in rates)
        {
            string[] cells =
            [
                Markup.Escape(group),
                PercentText.Of(rate.Value),
                $"{PercentText.Of(rate.Interval.Low)} to {PercentText.Of(rate.Interval.High)}",
                rate.N.ToString(CultureInfo.InvariantCulture),
                .. chance is null ? Array.Empty<string>() : [PercentText.Of(chance[group])],
            ];
            table.AddRow(cells);
        }

        return table;
    }
}
