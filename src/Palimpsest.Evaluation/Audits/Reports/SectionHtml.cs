using System.Globalization;
using System.Text;
using static Palimpsest.Evaluation.ReportText;

namespace Palimpsest.Evaluation;

/// <summary>Draws the cards of a report as HTML; every text is escaped here.</summary>
internal static class SectionHtml
{
    /// <summary>A card.</summary>
    public static string Card(AuditSection section) =>
        $"<div class=\"card\"><h3>{Html(section.Title)}</h3>{string.Concat(section.Parts.Select(Part))}</div>";

    private static string Part(SectionPart part) =>
        part switch
        {
            TextPart text => $"<p class=\"dim small\">{Html(text.Text)}</p>",
            TablePart table => Table(table),
            BarsPart bars => SvgFigure.Bars(bars.Title, bars.Bars, bars.Thresholds)
                + Key(bars.Bars.Select(bar => bar.Model).Distinct()),
            CurvesPart curves => SvgFigure.Curves(
                curves.Title,
                curves.XLabel,
                curves.YLabel,
                curves.Lines.Select(line => (line.Key, line.Value)),
                curves.HasDiagonal
            ) + Key(curves.Lines.Keys),
            HistogramPart histogram => SvgFigure.Histogram(
                histogram.Title,
                histogram.XLabel,
                histogram.Values.Select(of => (of.Key, of.Value, of.Key))
            ) + Key(histogram.Values.Keys),
            _ => throw new ArgumentOutOfRangeException(nameof(part), part, "Unknown part."),
        };

    private static string Table(TablePart table)
    {
        string Class(int column) => column < table.TextColumns ? "" : " class=\"n\"";
        var html = new StringBuilder("<table class=\"small\"><thead><tr>");
        for (var i = 0; i < table.Columns.Count; i++)
            html.Append(CultureInfo.InvariantCulture, $"<th{Class(i)}>{Html(table.Columns[i])}</th>");
        html.Append("</tr></thead><tbody>");
        foreach (var row in table.Rows)
        {
            if (row.Count == 1)
            {
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"<tr class=\"part\"><td colspan=\"{table.Columns.Count}\">{Html(row[0])}</td></tr>"
                );
                continue;
            }

            html.Append("<tr>");
            for (var i = 0; i < row.Count; i++)
                html.Append(CultureInfo.InvariantCulture, $"<td{Class(i)}>{Html(row[i])}</td>");
            html.Append("</tr>");
        }

        html.Append("</tbody></table>");
        return table.FoldedUnder is { } summary
            ? $"<details open><summary>{Html(summary)}</summary>{html}</details>"
            : html.ToString();
    }
}
