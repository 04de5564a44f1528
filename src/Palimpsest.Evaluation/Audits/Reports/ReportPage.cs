using System.Globalization;
using System.Text;
using static Palimpsest.Evaluation.ReportText;

namespace Palimpsest.Evaluation;

/// <summary>One or several audits as one HTML page that needs nothing else.</summary>
public static class ReportPage
{
    /// <summary>Renders the page; every text from models and data is escaped.</summary>
    /// <param name="reports">At least one, of the same original.</param>
    public static string Render(IReadOnlyList<AuditReport> reports)
    {
        ArgumentNullException.ThrowIfNull(reports);
        ArgumentOutOfRangeException.ThrowIfZero(reports.Count, nameof(reports));
        var page = new StringBuilder();
        page.Append(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                + "content=\"width=device-width,initial-scale=1\">"
        );
        page.Append("<title>What is left: an unlearning audit</title><style>")
            .Append(ReportStyle.Css)
            .Append("</style></head><body>");
        page.Append("<h1>What is left</h1><p class=\"dim\">An audit of ")
            .Append(reports.Count == 1 ? "one model that was" : $"{reports.Count} models that were")
            .Append(" made to forget. ")
            .Append(reports[0].Finished.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture))
            .Append(" UTC. ")
            .Append(Rows(reports[0]))
            .Append("</p>");
        page.Append(WeakerClaim(reports));
        page.Append("<div class=\"card\">").Append(Overview(reports)).Append("</div>");
        page.Append("<div class=\"grid2\"><div class=\"card\"><h3>Forgetting against keeping</h3>")
            .Append(Plane(reports))
            .Append("</div>");
        page.Append("<div class=\"card\"><h3>How to read this page</h3>").Append(Guide(reports)).Append("</div></div>");
        page.Append(ReportGlossary.Card());
        foreach (var report in reports)
            page.Append(ReportSection.Create(report));
        return page.Append("<p class=\"dim small\">").Append(Statement).Append("</p></body></html>\n").ToString();
    }

    private static string WeakerClaim(IReadOnlyList<AuditReport> reports) =>
        reports.All(report => report.HasRetrained)
            ? ""
            : "<div class=\"card notice\"><p><b>No retrained model was given.</b> Chance stands in for a model "
                + "that never "
                + "saw the facts, and every claim below is weaker: a model may hold as much as a guess and "
                + "still be told "
                + "from one that never knew.</p></div>";

    private static string Rows(AuditReport report) =>
        string.Join(
            ", ",
            report
                .Rows.Where(part => part.Value > 0)
                .Select(part =>
                    string.Create(CultureInfo.InvariantCulture, $"{part.Value} {part.Key.Replace('_', ' ')}")
                )
        )
            is { Length: > 0 } rows
            ? $"Rows: {Html(rows)}."
            : "";

    private static string Overview(IReadOnlyList<AuditReport> reports)
    {
        string[] columns =
        [
            "Method",
            "Verdict",
            "Says when asked",
            "Says when asked around",
            "Still holds, at most",
            "Kept",
        ];
        const int textColumns = 2;
        var table = new StringBuilder("<table class=\"overview\"><thead><tr>");
        for (var i = 0; i < columns.Length; i++)
            table.Append(
                CultureInfo.InvariantCulture,
                $"<th{(i < textColumns ? "" : " class=\"n\"")}>{columns[i]}</th>"
            );
        table.Append("</tr></thead><tbody>");
        foreach (var report in reports)
        {
            var verdict = report.Verdict;
            var holds = verdict.Evidence.Where(test => test.Axis == AuditAxis.Holds).MaxBy(test => test.Value);
            string[] cells =
            [
                Html(report.Method),
                Mark(verdict.Label),
                Cell(report.Find(AskedTest.TestName)?.Levels.GetValueOrDefault("candidate")),
                Cell(report.Find(SleekTest.TestName)?.Levels.GetValueOrDefault("candidate")),
                Percent(holds?.Value ?? double.NaN) + $" <span class=\"dim small\">{Html(holds?.Test ?? "")}</span>",
                Cell(verdict.Utility),
            ];
            table.Append("<tr>");
            for (var i = 0; i < cells.Length; i++)
                table.Append(
                    CultureInfo.InvariantCulture,
                    $"<td{(i < textColumns ? "" : " class=\"n\"")} data-column=\"{columns[i]}\">{cells[i]}</td>"
                );
            table.Append("</tr>");
        }

        return table.Append("</tbody></table>").ToString();
    }

    private static string Cell(MeasuredLevel? level) =>
        level switch
        {
            null => PercentText.Missing,
            { N: 0 } => Percent(level.Value),
            _ => $"{Percent(level.Value)} <span class=\"dim small\">{Percent(level.Interval)}</span>",
        };

    private static string Plane(IReadOnlyList<AuditReport> reports)
    {
        (string, double, double, string) Point(
            string name,
            IReadOnlyDictionary<string, MeasuredLevel> tofu,
            string kind
        )
        {
            double Value(string metric) => tofu.GetValueOrDefault(metric)?.Value ?? 0;
            return (name, Value("model_utility"), 1 - Value("forget_Q_A_ROUGE"), kind);
        }

        var known = reports.Where(report => report.Tofu is not null).ToArray();
        if (known.Length == 0)
            return "<p class=\"dim small\">TOFU's metrics were not measured.</p>";
        var shared = known[0].Tofu!.Summary.Where(m => m.Key != "candidate").Select(m => Point(m.Key, m.Value, m.Key));
        return SvgFigure.Plane(
            "Forgetting against keeping",
            "model utility",
            "1 − ROUGE-L on forget rows",
            shared.Concat(known.Select(r => Point(r.Method, r.Tofu!.Summary["candidate"], "candidate")))
        );
    }

    private static string Guide(IReadOnlyList<AuditReport> reports)
    {
        var hasRetrained = reports.All(report => report.HasRetrained);
        var text = new StringBuilder(
            "<p>Two questions are kept apart: <b>what a model says</b>, and <b>what it still holds</b>. A model "
                + "that does "
                + "not say the facts and still holds them is suppressed: nothing was removed. Shares run from 0 ("
        );
        text.Append(hasRetrained ? "the retrained model, which never saw the facts" : "chance")
            .Append(
                ") to 100 (the original, which knows them). In the plane, right is what a model kept; up is how "
                    + "little of "
                    + "the forgotten answers it says. The plane cannot show what a model still holds; the tests below "
                    + "do.</p><p class=\"small\">"
            );
        foreach (var label in reports.Select(report => report.Verdict.Label).Distinct())
            text.Append(Mark(label))
                .Append(' ')
                .Append(Html(RemovalLabels.MeaningOf(label, hasRetrained)))
                .Append("<br>");
        return text.Append("</p>").ToString();
    }
}
