namespace Palimpsest.Evaluation;

/// <summary>What an audit keeps of TOFU's metrics, by model: <c>original</c>, <c>candidate</c>,
/// <c>retrained</c>.</summary>
/// <param name="Summary">The aggregates under open-unlearning's names; reports before schema 3 have neither intervals
/// nor counts.</param>
/// <param name="TruthRatios">Truth ratios of the forget rows.</param>
/// <param name="MembershipRoc">Points of the min-k membership ROC (false positives, true positives); empty without
/// holdout rows.</param>
public sealed record TofuNumbers(
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, MeasuredLevel>> Summary,
    IReadOnlyDictionary<string, IReadOnlyList<double>> TruthRatios,
    IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<double>>> MembershipRoc
)
{
    internal static TofuNumbers Of(IReadOnlyDictionary<string, TofuResult> results) =>
        new(
            results.ToDictionary(m => m.Key, m => m.Value.Summary),
            results.ToDictionary(
                m => m.Key,
                m => (IReadOnlyList<double>)[.. m.Value["forget_truth_ratio"].Items.Select(Score)]
            ),
            results
                .Where(m => m.Value.Find("mia_min_k") is not null)
                .ToDictionary(m => m.Key, m => Roc(m.Value["mia_min_k"]))
        );

    // Scores are high for non-members; the report's curve is that of finding members, hence the complements.
    internal static IReadOnlyList<IReadOnlyList<double>> Roc(TofuMetric membership) =>
        [
            .. RocAuc
                .Curve([.. membership.Items.Select(Score)], [.. membership.Holdout.Select(Score)])
                .Reverse()
                .Select(point => (IReadOnlyList<double>)[1 - point.TruePositives, 1 - point.FalsePositives]),
        ];

    private static double Score(TofuItem item) => item.Score!.Value;
}
