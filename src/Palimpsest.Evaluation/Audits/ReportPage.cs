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
        page.Append("<div class=\"card\">").Append(Overview(reports)).Append("</div>");
        page.Append("<div class=\"grid2\"><div class=\"card\"><h3>Forgetting against keeping</h3>")
            .Append(Plane(reports))
            .Append("</div>");
        page.Append("<div class=\"card\"><h3>How to read this page</h3>").Append(Guide(reports)).Append("</div></div>");
        foreach (var report in reports)
            page.Append(ReportSection.Of(report));
        return page.Append("<p class=\"dim small\">").Append(Statement).Append("</p></body></html>\n").ToString();
    }

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
        var table = new StringBuilder(
            "<table><thead><tr><th>Method</th><th>Verdict</th><th class=\"n\">Answers when asked</th><th "
                + "class=\"n\">Knowledge shown</th>"
                + "<th class=\"n\">Leaks to probes</th><th class=\"n\">Strongest test brings back</th><th "
                + "class=\"n\">Kept</th></tr></thead><tbody>"
        );
        foreach (var report in reports)
        {
            var verdict = report.Verdict;
            var strongest = verdict.Evidence.MaxBy(test => test.Value)!;
            table.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td>{Html(report.Method)}</td><td>{Mark(verdict.Label)}</td><td "
                    + $"class=\"n\">{Percent(report.Tofu["candidate"].GetValueOrDefault("answer_accuracy", double.NaN))}</td>"
            );
            table.Append(
                CultureInfo.InvariantCulture,
                $"<td class=\"n\">{Percent(verdict.Behaviour.Value)} <span class=\"dim "
                    + $"small\">{Percent(verdict.Behaviour.Interval)}</span></td>"
            );
            table.Append(
                CultureInfo.InvariantCulture,
                $"<td class=\"n\">{Percent(report.Sleek.Leak.Value)} <span class=\"dim "
                    + $"small\">{Percent(report.Sleek.Leak.Interval)}</span></td>"
            );
            table.Append(
                CultureInfo.InvariantCulture,
                $"<td class=\"n\">{Percent(strongest.Value)} <span class=\"dim "
                    + $"small\">{Html(strongest.Test)}</span></td><td class=\"n\">{Percent(verdict.Utility)}</td></tr>"
            );
        }

        return table.Append("</tbody></table>").ToString();
    }

    private static string Plane(IReadOnlyList<AuditReport> reports)
    {
        (string, double, double, string) Point(string name, IReadOnlyDictionary<string, double> tofu, string kind) =>
            (name, tofu.GetValueOrDefault("model_utility"), 1 - tofu.GetValueOrDefault("forget_Q_A_ROUGE"), kind);
        var shared = reports[0].Tofu.Where(m => m.Key != "candidate").Select(m => Point(m.Key, m.Value, m.Key));
        return SvgFigure.Plane(
            "Forgetting against keeping",
            "model utility",
            "1 − ROUGE-L on forget rows",
            shared.Concat(reports.Select(r => Point(r.Method, r.Tofu["candidate"], "candidate")))
        );
    }

    private static string Guide(IReadOnlyList<AuditReport> reports)
    {
        var text = new StringBuilder(
            "<p>Right in the plane is what a model kept; up is how little of the forgotten answers it says when asked. "
                + "The <b>original</b> knows them; the <b>retrained</b> model never saw them, and that is where an "
                + "honest method ends. "
                + "Percentages of knowledge run from 0 (as the retrained model) to 100 (as the original). The plane "
                + "cannot show what an attacker gets; the tests below do.</p><p class=\"small\">"
        );
        foreach (var label in reports.Select(report => report.Verdict.Label).Distinct())
            text.Append(Mark(label)).Append(' ').Append(Html(Meaning(label))).Append("<br>");
        return text.Append("</p>").ToString();
    }
}
