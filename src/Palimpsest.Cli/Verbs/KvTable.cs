using System.Globalization;
using Palimpsest.Worlds;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary>A comparison of policies for caches as a table.</summary>
internal static class KvTable
{
    public static Table Of(IReadOnlyList<KvComparisonRow> rows)
    {
        var table = new Table()
            .Border(TableBorder.Simple)
            .AddColumns("Task", "Policy", "Question", "Exact", "95 %", "n", "Bytes", "Share", "Prefill", "Decode");
        foreach (var row in rows)
            table.AddRow(
                Markup.Escape(row.Task),
                Markup.Escape(row.Expression ?? row.Policy),
                row.AsksFirst ? "in the prompt" : "afterwards",
                PercentText.Of(row.Exact.Value),
                $"{PercentText.Of(row.Exact.Interval.Low)} to {PercentText.Of(row.Exact.Interval.High)}",
                row.Exact.N.ToString(CultureInfo.InvariantCulture),
                row.Bytes.ToString(CultureInfo.InvariantCulture),
                PercentText.Of(row.BytesShare),
                Times(row.PrefillTime),
                Times(row.DecodeTime)
            );
        return table;
    }

    private static string Times(double factor) => string.Create(CultureInfo.InvariantCulture, $"{factor:f2}x");
}
