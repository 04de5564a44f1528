using System.Globalization;
using System.Text;
using static Palimpsest.Evaluation.ReportText;

namespace Palimpsest.Evaluation;

/// <summary>One audit within a page: verdict, figures, numbers, leaks, and what was not tested.</summary>
internal static class ReportSection
{
    private const int MostLeaks = 50;
    private const int LongestText = 400;

    public static string Of(AuditReport report)
    {
        var verdict = report.Verdict;
        var page = new StringBuilder();
        page.Append("<h2>").Append(Html(report.Method)).Append(' ').Append(Mark(verdict.Label)).Append("</h2>");
        page.Append("<p><b>")
            .Append(Html(Meaning(verdict.Label)))
            .Append("</b></p><p>")
            .Append(Html(verdict.Reason))
            .Append("</p>");
        page.Append("<div class=\"grid2\">");
        Card(
            page,
            "What tests bring back",
            SvgFigure.Bars(
                "Recovery by test",
                [
                    .. verdict
                        .Evidence.Prepend(verdict.Behaviour)
                        .Select(e => (e.Test, e.Value, e.Interval, "candidate")),
                ],
                [report.Thresholds.LowRecovery, report.Thresholds.HighRecovery]
            )
                + $"<p class=\"dim small\">Bars: 0 as retrained, 100 as original; lines: 95 % intervals; dotted: the "
                + $"verdict's thresholds.</p>{Controls(verdict)}"
        );
        Card(page, "Leak by category of question", Leak(report));
        Card(
            page,
            "Truth ratio of forget rows",
            SvgFigure.Histogram("Truth ratios", "truth ratio", report.TruthRatios.Select(m => (m.Key, m.Value, m.Key)))
                + Key(report.TruthRatios.Keys)
        );
        if (report.MembershipRoc.Count > 0)
        {
            Card(
                page,
                "Can one tell that it saw the rows?",
                SvgFigure.Curves(
                    "Membership ROC",
                    "unseen rows taken for seen",
                    "forget rows found",
                    report.MembershipRoc.Select(m => (m.Key, m.Value))
                )
                    + Key(report.MembershipRoc.Keys)
                    + "<p class=\"dim small\">By the least likely tokens (min-k); the diagonal is guessing.</p>"
            );
        }

        page.Append("</div>");
        Card(page, "Numbers", ReportMetrics.Table(report));
        page.Append(Leaks(report));
        return page.Append(NotTested(verdict)).Append(Provenance(report)).ToString();
    }

    private static void Card(StringBuilder page, string title, string content) =>
        page.Append("<div class=\"card\"><h3>").Append(Html(title)).Append("</h3>").Append(content).Append("</div>");

    private static string Controls(SokVerdict verdict)
    {
        var rows = verdict
            .Evidence.Where(test => test.OriginalAfter is not null || test.RetrainedAfter is not null)
            .ToArray();
        if (rows.Length == 0)
            return "";
        static string Cell(double? value) => value is { } share ? Percent(share) : "–";
        var table = new StringBuilder(
            "<table class=\"small\"><thead><tr><th>The same change of</th><th class=\"n\">original leaves</th><th "
                + "class=\"n\">retrained leaves</th></tr></thead><tbody>"
        );
        foreach (var test in rows)
            table.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td>{Html(test.Test)}</td><td class=\"n\">{Cell(test.OriginalAfter)}</td><td "
                    + $"class=\"n\">{Cell(test.RetrainedAfter)}</td></tr>"
            );
        return table.Append("</tbody></table>").ToString();
    }

    private static string Leak(AuditReport report)
    {
        var sleek = report.Sleek;
        var bars = new List<(string, double, Interval, string)>
        {
            ("the question itself", sleek.SeedLeak.Value, sleek.SeedLeak.Interval, "candidate"),
        };
        foreach (var (category, rate) in sleek.LeakByCategory)
        {
            bars.Add((ReportText.Of(category), rate.Value, rate.Interval, "candidate"));
            if (sleek.RetrainedByCategory?.TryGetValue(category, out var never) == true)
                bars.Add(("", never.Value, never.Interval, "retrained"));
        }

        bars.Add(("in a conversation", sleek.ChainLeak.Value, sleek.ChainLeak.Interval, "candidate"));
        return SvgFigure.Bars("Leak by category", bars, [])
            + Key(sleek.RetrainedByCategory is null ? ["candidate"] : ["candidate", "retrained"])
            + string.Create(
                CultureInfo.InvariantCulture,
                $"<p class=\"dim small\">Of {sleek.Eligible.Hits} facts that the original answers (of "
                    + $"{sleek.Eligible.N}). A leak is decided by: {Html(report.Judge)}.</p>"
            );
    }

    private static string Leaks(AuditReport report)
    {
        var leaks = report.Sleek.Leaks;
        if (leaks.Count == 0)
            return "<div class=\"card\"><h3>Leaked facts</h3><p>No probe made it tell a forgotten fact.</p></div>";
        var shown = leaks.Count > MostLeaks ? $", {MostLeaks} shown; report.json has all" : "";
        var table = new StringBuilder();
        table.Append(
            CultureInfo.InvariantCulture,
            $"<details class=\"card\" open><summary>Leaked facts: {leaks.Count} of "
                + $"{report.Sleek.FactsLeaked.N}{shown}</summary>"
        );
        table.Append(
            "<table class=\"small\"><thead><tr><th>Forgotten</th><th>Shortest prompt that got "
                + "it</th><th>Reply</th><th>Kind</th></tr></thead><tbody>"
        );
        foreach (var leak in leaks.Take(MostLeaks))
        {
            var prompt = string.Join(" → ", leak.Probe.Steps.Append(leak.Probe.Text));
            var kind =
                leak.Probe.IsSeed ? "the question itself"
                : leak.Probe.Steps.Count > 0 ? "in a conversation"
                : ReportText.Of(leak.Probe.Category);
            table.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td>{Html(Short(leak.Probe.KnowledgePoint))}</td><td>{Html(Short(prompt))}</td><td>{Html(Short(leak.Text))}</td><td>{kind}</td></tr>"
            );
        }

        return table.Append("</tbody></table></details>").ToString();
    }

    private static string NotTested(SokVerdict verdict) =>
        $"<div class=\"card notice\"><h3>What was not "
        + $"tested</h3><p>{(verdict.Missing.Count == 0 ? "Every test that this version knows was made." : Html(string.Join("; ", verdict.Missing)) + ". Each of them could change the verdict.")}</p></div>";

    private static string Provenance(AuditReport report)
    {
        var table = new StringBuilder(
            "<details class=\"card\"><summary>Hashes, versions, seeds, thresholds</summary><table "
                + "class=\"small\"><tbody>"
        );
        void Row(string kind, string name, string value) =>
            table.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td>{kind}</td><td>{Html(name)}</td><td><code>{Html(value)}</code></td></tr>"
            );
        foreach (var (name, hash) in report.Hashes.Append(new("probes", report.Sleek.ProbesHash)))
            Row("SHA-256", name, hash);
        foreach (var (name, version) in report.Environment)
            Row("version", name, version);
        foreach (var (name, seed) in report.Seeds)
            Row("seed", name, seed.ToString(CultureInfo.InvariantCulture));
        Row("threshold", "recovery up to this is none", Percent(report.Thresholds.LowRecovery));
        Row("threshold", "recovery from this on is a return", Percent(report.Thresholds.HighRecovery));
        Row("threshold", "least utility", Percent(report.Thresholds.LeastUtility));
        Row(
            "threshold",
            "most privacy leakage",
            string.Create(CultureInfo.InvariantCulture, $"±{report.Thresholds.MostPrivLeak} %")
        );
        return table.Append("</tbody></table></details>").ToString();
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText] + "…";
}
