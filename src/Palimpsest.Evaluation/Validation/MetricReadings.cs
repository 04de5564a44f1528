namespace Palimpsest.Evaluation;

/// <summary>What the metrics of an audit read of a candidate, each turned so that more means more
/// knowledge.</summary>
public static class MetricReadings
{
    /// <summary>The reading of the verdict: what its strongest test finds.</summary>
    public const string Verdict = "verdict";

    // By open-unlearning's name: whether more of it means that the model knows more. Utility is no reading of that.
    private static readonly Dictionary<string, bool> MoreIsMore = new()
    {
        ["answer_accuracy"] = true,
        ["exact_memorization"] = true,
        ["extraction_strength"] = true,
        ["forget_Q_A_Prob"] = true,
        ["forget_Q_A_ROUGE"] = true,
        ["forget_quality"] = false,
        ["forget_truth_ratio"] = false,
        ["mia_gradnorm"] = true,
        ["mia_loss"] = true,
        ["mia_min_k"] = true,
        ["mia_min_k_plus_plus"] = true,
        ["mia_zlib"] = true,
        ["privleak"] = false,
    };

    /// <summary>The readings of a report by name: the verdict, each test by its own name, TOFU's metrics by
    /// open-unlearning's; what was not measured is left out.</summary>
    public static IReadOnlyDictionary<string, double> Read(AuditReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var readings = new Dictionary<string, double> { [Verdict] = report.Verdict.Strongest.Value };
        foreach (var recovery in report.Verdict.Evidence)
            readings[recovery.Test] = recovery.Value;
        foreach (var (name, level) in report.Tofu?.Summary["candidate"] ?? new Dictionary<string, MeasuredLevel>())
        {
            if (MoreIsMore.TryGetValue(name, out var more) && double.IsFinite(level.Value))
                readings[name] = more ? level.Value : -level.Value;
        }

        return readings;
    }
}
