namespace Palimpsest.Evaluation;

/// <summary>The card of a <see cref="PromptAttackTest"/>.</summary>
internal static class AttackSection
{
    private const int MostShown = 20;

    public static AuditSection Create(string name, AttackFindings findings)
    {
        var hasRetrained = findings.Variants.Any(variant => variant.Retrained is not null);
        var parts = new List<SectionPart>
        {
            new TablePart(
                ["Way", "original", "candidate", .. hasRetrained ? ["retrained"] : Array.Empty<string>()],
                [.. findings.Variants.Select(variant => Row(variant, hasRetrained))]
            ),
            new TextPart(
                "Shares of forgotten facts that a reply states; the way that brings back most counts, on the same "
                    + "prompts for every model."
            ),
        };
        if (findings.Leaks.Count > 0)
        {
            parts.Add(
                new TablePart(
                    ["Way", "Last turn", "Reply", "Said when asked"],
                    [
                        .. findings
                            .Leaks.OrderBy(leak => leak.SaidWhenAsked)
                            .Take(MostShown)
                            .Select(leak =>
                                (IReadOnlyList<string>)
                                    [
                                        leak.Variant,
                                        leak.Conversation[^1].Content,
                                        leak.Reply,
                                        leak.SaidWhenAsked ? "yes" : "no",
                                    ]
                            ),
                    ]
                )
                {
                    TextColumns = 4,
                    FoldedUnder = $"Replies that state a forgotten fact: {findings.Leaks.Count}",
                }
            );
        }

        return new($"What it says under attack: {name}", parts);
    }

    private static IReadOnlyList<string> Row(VariantRates rates, bool hasRetrained) =>
        [
            rates.Variant,
            Text(rates.Original),
            Text(rates.Candidate),
            .. hasRetrained ? [Text(rates.Retrained ?? new())] : Array.Empty<string>(),
        ];

    private static string Text(Rate rate) =>
        $"{ReportText.Percent(rate.Value)} [{ReportText.Percent(rate.Interval)}, n = {rate.N}]";
}
