using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>The cards of <see cref="SleekTest"/>: leaks by category, and each leaked fact.</summary>
internal static class SleekSection
{
    private const int MostLeaks = 50;
    private const int LongestText = 400;

    public static IReadOnlyList<AuditSection> Create(SleekReport report, string judge) =>
        [
            new(
                "What it says when asked around (Sleek)",
                [
                    new BarsPart("Leak by category", Bars(report)),
                    new TextPart(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"Of {report.Eligible.Hits} facts that the original says (of {report.Eligible.N}). "
                                + $"Of the kept "
                                + $"facts that the original says, "
                                + $"{ReportText.Percent(report.OverSuppression.Value)} are "
                                + $"silenced (n = {report.OverSuppression.N}). Judged by: {judge}."
                        )
                    ),
                ]
            ),
            new("Leaked facts", [Leaks(report)]) { IsWide = true },
        ];

    private static List<ReportBar> Bars(SleekReport report)
    {
        var bars = new List<ReportBar> { Bar("asked", report.SeedLeak, "candidate") };
        foreach (var (category, rate) in report.LeakByCategory)
        {
            bars.Add(Bar(ReportText.Of(category), rate, "candidate"));
            if (report.RetrainedByCategory?.TryGetValue(category, out var never) == true)
                bars.Add(Bar("retrained", never, "retrained"));
        }

        bars.Add(Bar("in a conversation", report.ChainLeak, "candidate"));
        return bars;
    }

    private static ReportBar Bar(string name, Rate rate, string model) =>
        new(name, rate.Value, rate.Interval, model) { N = rate.N };

    private static SectionPart Leaks(SleekReport report)
    {
        var leaks = report.Leaks;
        if (leaks.Count == 0)
            return new TextPart("No probe made it say a forgotten fact.");
        var shown = leaks.Count > MostLeaks ? $", {MostLeaks} shown; report.json has all" : "";
        return new TablePart(
            ["Forgotten", "Shortest prompt that got it", "Reply", "Kind"],
            [
                .. leaks
                    .Take(MostLeaks)
                    .Select(leak =>
                        (IReadOnlyList<string>)
                            [
                                Short(leak.Probe.KnowledgePoint),
                                Short(string.Join(" → ", leak.Probe.Steps.Append(leak.Probe.Text))),
                                Short(leak.Text),
                                KindOf(leak.Probe),
                            ]
                    ),
            ]
        )
        {
            TextColumns = 4,
            FoldedUnder = string.Create(
                CultureInfo.InvariantCulture,
                $"Leaked facts: {leaks.Count} of {report.FactsLeaked.N}{shown}"
            ),
        };
    }

    private static string KindOf(SleekProbe probe)
    {
        if (probe.IsSeed)
            return "asked";
        return probe.Steps.Count > 0 ? "in a conversation" : ReportText.Of(probe.Category);
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText] + "…";
}
