using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>The benchmark's numbers as a table that says what each means and which way is better.</summary>
internal static class ReportMetrics
{
    private const string AsNever = "as retrained";

    private static readonly string[] Models = ["original", "candidate", "retrained"];

    private static readonly (string Part, (string Name, string Title, string Wanted)[] Rows)[] Parts =
    [
        (
            "What it says",
            [
                ("answer_accuracy", "Forget questions answered rightly, by the fact", AsNever),
                ("forget_Q_A_ROUGE", "Overlap with the forgotten answers (ROUGE-L recall)", AsNever),
            ]
        ),
        (
            "What it still holds",
            [
                ("forget_Q_A_Prob", "Probability of the forgotten answers", AsNever),
                ("exact_memorization", "Tokens of them that it would continue", AsNever),
                ("extraction_strength", "Share of them that a part of the answer brings out", AsNever),
                ("forget_truth_ratio", "Truth ratio: wrong against right answers", AsNever),
                ("forget_quality", "Forget quality: chance that truth ratios are the retrained model's", "1"),
            ]
        ),
        (
            "Whether it gives away that it once saw them",
            [
                ("mia_loss", "Membership by loss (AUC)", "0.5"),
                ("mia_min_k", "Membership by least likely tokens (AUC)", "0.5"),
                ("mia_min_k_plus_plus", "The same against the vocabulary (AUC)", "0.5"),
                ("mia_zlib", "Membership by loss per compressed byte (AUC)", "0.5"),
                ("mia_reference", "Membership by loss above a reference model's (AUC)", "0.5"),
                ("mia_gradnorm", "Membership by gradient norm (AUC)", "0.5"),
                ("privleak", "Privacy leakage against {0}, percent", "0"),
            ]
        ),
        ("What it kept", [("model_utility", "Utility on what was to be kept", "as original")]),
    ];

    /// <summary>The table of the metrics that any model has.</summary>
    /// <param name="summary">Metrics by model.</param>
    /// <param name="hasRetrained">Whether a retrained model is the reference; else chance is.</param>
    public static TablePart Table(
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, MeasuredLevel>> summary,
        bool hasRetrained
    )
    {
        string[] models = [.. Models.Where(summary.ContainsKey)];
        double? Find(string model, string metric) =>
            summary[model].TryGetValue(metric, out var level) && double.IsFinite(level.Value) ? level.Value : null;
        var rows = new List<IReadOnlyList<string>>();
        foreach (var (part, metrics) in Parts)
        {
            var known = metrics.Where(row => models.Any(model => Find(model, row.Name) is not null)).ToArray();
            if (known.Length > 0)
                rows.Add([part]);
            foreach (var (name, title, wanted) in known)
                rows.Add([
                    string.Format(
                        CultureInfo.InvariantCulture,
                        title,
                        hasRetrained ? "the retrained model" : "chance (AUC 0.5)"
                    ),
                    name,
                    .. models.Select(model => Find(model, name) is { } value ? Number(value) : "–"),
                    hasRetrained || wanted != AsNever ? wanted : "less",
                ]);
        }

        return new(["Metric", "name", .. models, "wanted"], rows) { TextColumns = 2 };
    }

    private static string Number(double value)
    {
        var format = Math.Abs(value) switch
        {
            > 0 and < 1e-3 => "0.0e0",
            >= 10 => "f1",
            _ => "f3",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
