namespace Palimpsest.Evaluation;

/// <summary>The cards of <see cref="TofuTest"/>.</summary>
internal static class TofuSection
{
    public static IReadOnlyList<AuditSection> Create(TofuNumbers numbers, bool hasRetrained)
    {
        var sections = new List<AuditSection>
        {
            new("Truth ratio of forget rows", [new HistogramPart("Truth ratios", "truth ratio", numbers.TruthRatios)]),
        };
        if (numbers.MembershipRoc.Count > 0)
        {
            sections.Add(
                new(
                    "Can one tell that it saw the rows?",
                    [
                        new CurvesPart(
                            "Membership ROC",
                            "unseen rows taken for seen",
                            "forget rows found",
                            numbers.MembershipRoc
                        )
                        {
                            HasDiagonal = true,
                        },
                        new TextPart("By the least likely tokens (min-k); the diagonal is guessing."),
                    ]
                )
            );
        }

        sections.Add(new("TOFU's numbers", [ReportMetrics.Table(numbers.Summary, hasRetrained)]) { IsWide = true });
        return sections;
    }
}
