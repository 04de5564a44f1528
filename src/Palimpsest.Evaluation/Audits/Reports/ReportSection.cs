using System.Globalization;
using System.Text;
using static Palimpsest.Evaluation.ReportText;

namespace Palimpsest.Evaluation;

/// <summary>One audit within a page: verdict, what the tests find on both axes, each test's own cards, and what was not
/// tested.</summary>
internal static class ReportSection
{
    public static string Create(AuditReport report)
    {
        var verdict = report.Verdict;
        var page = new StringBuilder();
        page.Append("<h2>").Append(Html(report.Method)).Append(' ').Append(Mark(verdict.Label)).Append("</h2>");
        page.Append("<p><b>")
            .Append(Html(RemovalLabels.MeaningOf(verdict.Label, report.HasRetrained)))
            .Append("</b></p><p>")
            .Append(Html(verdict.Reason))
            .Append("</p>");
        var sections = report.Findings.SelectMany(finding => finding.Sections).ToArray();
        page.Append("<div class=\"grid2\">").Append(SectionHtml.Card(Found(report)));
        foreach (var section in sections.Where(section => !section.IsWide))
            page.Append(SectionHtml.Card(section));
        page.Append("</div>");
        foreach (var section in sections.Where(section => section.IsWide))
            page.Append(SectionHtml.Card(section));
        return page.Append(NotTested(verdict)).Append(Planned(report.Plan)).Append(Provenance(report)).ToString();
    }

    /// <summary>Every test on its axis: the level before it, and what it brings back on top of that.</summary>
    internal static AuditSection Found(AuditReport report)
    {
        var thresholds = new[] { report.Thresholds.LowRecovery, report.Thresholds.HighRecovery };
        var parts = new List<SectionPart>();
        foreach (var axis in new[] { AuditAxis.Says, AuditAxis.Holds })
        {
            ReportBar[] bars =
            [
                .. report
                    .Verdict.Evidence.Where(test => test.Axis == axis)
                    .Select(test => new ReportBar(test.Test, test.Value, test.Interval, "candidate")
                    {
                        Before = test.Before,
                        N = test.N,
                    }),
            ];
            if (bars.Length > 0)
                parts.Add(new BarsPart(TitleOf(axis), bars) { Thresholds = thresholds });
        }

        parts.Add(
            new TextPart(
                $"0 is {ZeroOf(report)}, 100 the original; lines: 95 % intervals; dotted: the verdict's "
                    + $"thresholds. Where "
                    + "a test changes the model, the pale part is what was there before it, and the full part what it "
                    + "brings back beyond."
            )
        );
        return new("What it says, and what it still holds", parts);
    }

    private static string NotTested(SokVerdict verdict)
    {
        var text =
            verdict.Missing.Count == 0
                ? "Every test that this version knows was made."
                : Html(string.Join("; ", verdict.Missing)) + ". Each of them could change the verdict.";
        return $"<div class=\"card notice\"><h3>What was not tested</h3><p>{text}</p></div>";
    }

    private static string Planned(PlanRecord? plan)
    {
        if (plan is null)
        {
            return "<div class=\"card\"><h3>Not planned</h3><p>Tests and thresholds were not written down before "
                + "anything was measured.</p></div>";
        }

        var digest = $"the plan with the SHA-256 <code>{Html(plan.Sha256)}</code>";
        if (!plan.Tampered)
            return $"<div class=\"card\"><h3>Planned</h3><p>The audit followed {digest}.</p></div>";
        var lines = string.Concat(plan.Deviations.Select(line => $"<li>{Html(line)}</li>"));
        return $"<div class=\"card notice\"><h3>Tampered</h3><p>The audit differs from {digest}:</p>"
            + $"<ul>{lines}</ul></div>";
    }

    private static string Provenance(AuditReport report)
    {
        var table = new StringBuilder(
            "<details class=\"card\"><summary>Request, method, files, hashes, versions, seeds, thresholds</summary>"
                + "<table class=\"small\"><tbody>"
        );
        void Row(string kind, string name, string value) =>
            table.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td>{Html(kind)}</td><td>{Html(name)}</td><td><code>{Html(value)}</code></td></tr>"
            );
        if (report.Forgotten is { } forgotten)
        {
            Row(
                "to be forgotten",
                "facts",
                string.Create(CultureInfo.InvariantCulture, $"{forgotten.Facts} about {forgotten.Subjects} subjects")
            );
            if (forgotten.Commitment is { } commitment)
                Row("to be forgotten", "commitment", commitment);
        }

        foreach (var (name, value) in report.Provenance.Unlearning)
            Row("method", name, value);
        foreach (var (name, path) in report.Provenance.Paths)
            Row("path", name, path);
        foreach (var (name, hash) in report.Provenance.Hashes.Append(new("probes", report.ProbesHash)))
            Row("SHA-256", name, hash);
        foreach (var (name, version) in report.Environment)
            Row("version", name, version);
        foreach (var (name, seed) in report.Provenance.Seeds)
            Row("seed", name, seed.ToString(CultureInfo.InvariantCulture));
        Row("threshold", "up to this nothing was found", Percent(report.Thresholds.LowRecovery));
        Row("threshold", "from this on the knowledge is there", Percent(report.Thresholds.HighRecovery));
        Row("threshold", "least utility", Percent(report.Thresholds.LeastUtility));
        Row(
            "threshold",
            "most privacy leakage",
            string.Create(CultureInfo.InvariantCulture, $"±{report.Thresholds.MostPrivLeak} %")
        );
        return table.Append("</tbody></table></details>").ToString();
    }
}
