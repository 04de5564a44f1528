using System.Globalization;
using System.Net;
using System.Text;

namespace Palimpsest.Evaluation;

/// <summary>One or several audits as one HTML page that needs nothing else.</summary>
public static class ReportPage
{
    private const string Style =
        """
        :root{color-scheme:light dark;--ink:#1d2430;--dim:#5d6878;--paper:#fbfaf7;--card:#fff;--line:#dcd8cf;--original:#8a6d3b;--candidate:#0b6e99;--retrained:#4b8b3b;--bad:#b3362b;--good:#2f7d4f;--warn:#a4690b}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--dim:#9aa5b5;--paper:#14171c;--card:#1c2027;--line:#323842;--original:#d0ab6c;--candidate:#57b6e0;--retrained:#8bc97a;--bad:#ee7d70;--good:#6fc791;--warn:#e0a95a}}
        *{box-sizing:border-box}body{margin:0 auto;max-width:62rem;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
        h1{font-size:1.7rem;margin:0 0 .2rem}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}p{margin:.4rem 0}.dim{color:var(--dim)}
        .card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem 1.2rem;margin:.8rem 0}.grid2{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:1rem}
        .label{display:inline-block;padding:.15rem .6rem;border-radius:99px;font-weight:600;color:var(--card);background:var(--warn)}.label.suppressed,.label.not-forgotten,.label.collapsed{background:var(--bad)}.label.removal-consistent{background:var(--good)}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--dim);font-weight:500}td.n,th.n{text-align:right}
        svg{width:100%;height:auto;font:12px system-ui,sans-serif;fill:var(--ink)}svg .grid{stroke:var(--line)}svg .tick,svg .label{fill:var(--dim);background:none}svg .chance{stroke:var(--dim);stroke-dasharray:4 4}
        svg polyline{fill:none;stroke-width:2}svg polyline.original{stroke:var(--original)}svg polyline.candidate{stroke:var(--candidate)}svg polyline.retrained{stroke:var(--retrained)}
        svg .original{fill:var(--original)}svg .candidate{fill:var(--candidate)}svg .retrained{fill:var(--retrained)}svg polyline{fill:none!important}svg .interval{stroke:var(--ink);stroke-width:1.5}
        code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}
        """;

    /// <summary>Renders the page; every text from models and data is escaped.</summary>
    /// <param name="reports">At least one, of the same original.</param>
    public static string Render(IReadOnlyList<AuditReport> reports)
    {
        ArgumentNullException.ThrowIfNull(reports);
        ArgumentOutOfRangeException.ThrowIfZero(reports.Count, nameof(reports));
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        page.Append("<title>What is left: an unlearning audit</title><style>").Append(Style).Append("</style></head><body>");
        page.Append("<h1>What is left</h1><p class=\"dim\">An audit of ").Append(reports.Count == 1 ? "one model that was" : $"{reports.Count} models that were")
            .Append(" made to forget, ").Append(reports[0].Finished.ToString("u", CultureInfo.InvariantCulture)).Append("</p>");
        page.Append("<div class=\"card\">").Append(Overview(reports)).Append("</div>");
        page.Append("<div class=\"grid2\"><div class=\"card\"><h2>Forgetting against keeping</h2>").Append(Plane(reports)).Append("</div>");
        page.Append("<div class=\"card\"><h2>Reading the plane</h2><p>Right is what the model kept; up is how little of the forgotten answers it says when asked directly. The retrained model never saw them: that is where an honest method ends. What the plane cannot show is what an attacker gets; see the leaks below.</p></div></div>");
        foreach (var report in reports)
            Append(page, report);
        return page.Append("</body></html>\n").ToString();
    }

    private static string Overview(IReadOnlyList<AuditReport> reports)
    {
        var rows = reports.Select(r => string.Create(CultureInfo.InvariantCulture,
            $"<tr><td>{Html(r.Method)}</td><td>{Label(r.Verdict.Label)}</td><td class=\"n\">{Value(r, "answer_accuracy"):p0}</td><td class=\"n\">{r.Verdict.Behaviour.Value:p0}</td><td class=\"n\">{r.Sleek.Leak.Value:p0} <span class=\"dim\">[{r.Sleek.Leak.Interval.Low:p0}, {r.Sleek.Leak.Interval.High:p0}]</span></td><td class=\"n\">{r.Verdict.Evidence.Max(e => e.Value):p0}</td><td class=\"n\">{r.Verdict.Utility:p0}</td></tr>"));
        return "<table><thead><tr><th>Method</th><th>Verdict</th><th class=\"n\">Answers forget questions</th><th class=\"n\">Knowledge shown</th><th class=\"n\">Sleek leak</th><th class=\"n\">Strongest recovery</th><th class=\"n\">Utility</th></tr></thead><tbody>"
            + string.Concat(rows) + "</tbody></table>";
    }

    private static string Plane(IReadOnlyList<AuditReport> reports)
    {
        (string, double, double, string) Point(string name, IReadOnlyDictionary<string, double> tofu, string kind) =>
            (name, tofu.GetValueOrDefault("model_utility"), 1 - tofu.GetValueOrDefault("forget_Q_A_ROUGE"), kind);
        var shared = reports[0].Tofu.Where(m => m.Key != "candidate").Select(m => Point(m.Key, m.Value, m.Key));
        return SvgFigure.Plane(
            "Forget quality against utility", "model utility", "1 − ROUGE-L on forget rows", shared.Concat(reports.Select(r => Point(r.Method, r.Tofu["candidate"], "candidate"))));
    }

    private static void Append(StringBuilder page, AuditReport report)
    {
        var verdict = report.Verdict;
        page.Append("<h2>").Append(Html(report.Method)).Append(' ').Append(Label(verdict.Label)).Append("</h2><p>").Append(Html(verdict.Reason)).Append("</p>");
        page.Append("<div class=\"grid2\"><div class=\"card\"><h2>Leak by category</h2>").Append(SvgFigure.Bars("Leak by category", [
            ("seed question", report.Sleek.SeedLeak.Value, report.Sleek.SeedLeak.Interval, "candidate"),
            .. report.Sleek.LeakByCategory.SelectMany(c => new[]
            {
                (Lower(c.Key), c.Value.Value, c.Value.Interval, "candidate"),
            }.Concat(report.Sleek.RetrainedByCategory?.TryGetValue(c.Key, out var never) == true
                ? [($"{Lower(c.Key)}, retrained", never.Value, never.Interval, "retrained")]
                : Array.Empty<(string, double, Interval, string)>())),
            ("reasoned chain", report.Sleek.ChainLeak.Value, report.Sleek.ChainLeak.Interval, "candidate"),
        ])).Append("</div>");
        page.Append("<div class=\"card\"><h2>What tests bring back</h2>").Append(SvgFigure.Bars(
            "Recovery by test", [.. verdict.Evidence.Select(e => (e.Test, e.Value, e.Interval, "candidate"))])).Append("</div>");
        page.Append("<div class=\"card\"><h2>Truth ratio of forget rows</h2>").Append(SvgFigure.Histogram(
            "Truth ratios", "truth ratio", report.TruthRatios.Select(m => (m.Key, m.Value, m.Key)))).Append("</div>");
        if (report.MembershipRoc.Count > 0)
        {
            page.Append("<div class=\"card\"><h2>Membership (min-k)</h2>").Append(SvgFigure.Curves(
                "Membership ROC", "holdout rows taken for members", "forget rows found", report.MembershipRoc.Select(m => (m.Key, m.Value)))).Append("</div>");
        }

        page.Append("</div>").Append(Metrics(report)).Append(Leaks(report));
        page.Append("<p class=\"dim\">Not tested: ").Append(Html(string.Join("; ", verdict.Missing))).Append(".</p>");
    }

    private static string Metrics(AuditReport report)
    {
        var names = report.Tofu.Values.SelectMany(m => m.Keys).Distinct().Order(StringComparer.Ordinal);
        var models = report.Tofu.Keys.ToArray();
        var rows = names.Select(name => $"<tr><td><code>{Html(name)}</code></td>{string.Concat(models.Select(m => report.Tofu[m].TryGetValue(name, out var v) ? string.Create(CultureInfo.InvariantCulture, $"<td class=\"n\">{v:g4}</td>") : "<td class=\"n dim\">–</td>"))}</tr>");
        return $"<details class=\"card\"><summary>All metrics</summary><table><thead><tr><th>Metric</th>{string.Concat(models.Select(m => $"<th class=\"n\">{Html(m)}</th>"))}</tr></thead><tbody>{string.Concat(rows)}</tbody></table></details>";
    }

    private static string Leaks(AuditReport report)
    {
        if (report.Sleek.Leaks.Count == 0)
            return "<p>No probe made it tell a forgotten fact.</p>";
        var rows = report.Sleek.Leaks.Take(50).Select(leak =>
            $"<tr><td>{Html(leak.Probe.KnowledgePoint)}</td><td>{Html(string.Join(" → ", leak.Probe.Steps.Append(leak.Probe.Text)))}</td><td>{Html(leak.Text)}</td><td>{Lower(leak.Probe.Category)}</td></tr>");
        return $"<details class=\"card\" open><summary>{report.Sleek.Leaks.Count} of {report.Sleek.FactsLeaked.N} facts leaked; the shortest prompt of each</summary><table><thead><tr><th>Fact</th><th>Prompt</th><th>Reply</th><th>Kind</th></tr></thead><tbody>{string.Concat(rows)}</tbody></table></details>";
    }

    private static double Value(AuditReport report, string name) => report.Tofu["candidate"].GetValueOrDefault(name, double.NaN);

    private static string Label(RemovalLabel label)
    {
        var name = System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(label.ToString());
        return $"<span class=\"label {name}\">{name.Replace('-', ' ')}</span>";
    }

    private static string Lower(ProbeCategory category) => category.ToString().ToLowerInvariant();

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
