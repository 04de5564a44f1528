using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>The cards of the tests that look at what a model still holds.</summary>
internal static class KnowledgeSection
{
    public static AuditSection Probabilities(
        IReadOnlyDictionary<string, MeasuredLevel> levels,
        IReadOnlyList<Fact> facts
    ) =>
        new(
            "What it still holds: probabilities",
            [
                new BarsPart("The true value's share of the probability", AskedSection.BarsOf(levels)),
                new TextPart(
                    $"Mean over {facts.Count} facts of the true value's probability among its candidates; a guess "
                        + $"gets {ReportText.Percent(facts.Average(FactKnowledge.ChanceOf))}. Nothing is generated: "
                        + "a model that refuses is heard all the same."
                ),
            ]
        );

    public static AuditSection Changed(Recovery recovery, bool hasRetrained, string text)
    {
        var parts = new List<SectionPart> { new TextPart(text) };
        var rows = new List<IReadOnlyList<string>>
        {
            Row("the candidate before", recovery.Before),
            Row("the candidate after", recovery.Value),
            Row("gained", recovery.Gain),
        };
        if (recovery.OriginalAfter is not null)
            rows.Add(Row("the original after the same change", recovery.OriginalAfter));
        if (recovery.RetrainedAfter is not null)
            rows.Add(Row("the retrained model after the same change", recovery.RetrainedAfter));
        var zero = hasRetrained ? "0 % is the retrained model" : "0 % is chance";
        parts.Add(new TablePart(["Knowledge held", $"{zero}, 100 % the original"], rows));
        return new($"What it still holds: {recovery.Test}", parts);
    }

    public static AuditSection Lens(IReadOnlyDictionary<AuditRole, double[][]> known, Recovery recovery) =>
        new(
            "What it still holds: logit lens",
            [
                new CurvesPart(
                    "Logit lens",
                    "block, from the first to the last",
                    "probability of the truth",
                    known.ToDictionary(
                        pair => AuditContext.NameOf(pair.Key),
                        pair =>
                            (IReadOnlyList<IReadOnlyList<double>>)
                                [
                                    .. pair.Value.Select(
                                        (layer, i) =>
                                            (IReadOnlyList<double>)
                                                [(double)i / Math.Max(1, pair.Value.Length - 1), layer.Average()]
                                    ),
                                ]
                    )
                ),
                new TextPart(
                    $"Each block's output, read as if it were the last one, over {recovery.N} facts. The best block "
                        + $"that tells the original from the zero holds {ReportText.Percent(recovery.Value)}."
                ),
            ]
        );

    public static AuditSection Probe(
        IReadOnlyDictionary<string, MeasuredLevel> levels,
        IReadOnlyList<ProbeTask> tasks
    ) =>
        new(
            "What it still holds: linear probe",
            [
                new BarsPart("Values that a linear reader names", AskedSection.BarsOf(levels)),
                new TextPart(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Trained on {tasks.Sum(task => task.Train.Count)} facts, asked for "
                            + $"{tasks.Sum(task => task.Test.Count)} forgotten ones of other subjects: "
                            + $"{string.Join(", ", tasks.Select(task => task.Relation.Replace('_', ' ')))}."
                    )
                ),
            ]
        );

    public static AuditSection Patching(IReadOnlyDictionary<AuditRole, double[][]> losses, Recovery recovery) =>
        new(
            "What it still holds: activation patching",
            [
                new TablePart(
                    ["Block", "Cost of the candidate's states", "Cost of the retrained model's (nats per token)"],
                    [
                        .. losses[AuditRole.Retrained]
                            .Select((retrained, block) => Costs(block, losses[AuditRole.Candidate][block], retrained)),
                    ]
                ),
                new TextPart(
                    "The original answers with another model's states in the place of one block's output. Over "
                        + $"{recovery.N} facts the candidate's states keep {ReportText.Percent(recovery.Value)} of "
                        + "what the retrained model's take away."
                ),
            ]
        );

    private static IReadOnlyList<string> Costs(int block, double[] candidate, double[] retrained) =>
        [
            (block + 1).ToString(CultureInfo.InvariantCulture),
            candidate.Average().ToString("0.000", CultureInfo.InvariantCulture),
            retrained.Average().ToString("0.000", CultureInfo.InvariantCulture),
        ];

    private static IReadOnlyList<string> Row(string name, double? share) =>
        [name, share is { } value ? ReportText.Percent(value) : "–"];
}
