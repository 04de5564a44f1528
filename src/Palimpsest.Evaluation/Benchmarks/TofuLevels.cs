namespace Palimpsest.Evaluation;

/// <summary>TOFU's aggregates with their intervals and counts.</summary>
internal static class TofuLevels
{
    /// <summary>A metric as it is reported.</summary>
    /// <param name="name">Under open-unlearning's name.</param>
    /// <param name="metric">The metric; null when it was not computed.</param>
    public static MeasuredLevel Of(string name, TofuMetric? metric)
    {
        if (metric?.Value is not { } value)
            return MeasuredLevel.Missing(WhyMissing(name));
        if (metric.Level is { } level)
            return level;
        if (metric.Holdout.Count > 0)
            return OfAuc(value, Scores(metric.Items), Scores(metric.Holdout));
        var rows = RowValues(name, metric);
        var interval =
            name == "answer_accuracy"
                ? WilsonInterval.Of(rows.Count(row => row == 1), rows.Length)
                : BootstrapInterval.OfMean(rows, Recovery.Seed);
        return new(value, interval, rows.Length);
    }

    /// <summary>The harmonic mean of metrics, whose rows are drawn again part by part: all metrics of a part are of the
    /// same rows.</summary>
    /// <param name="metrics">By name; the part comes before the first underscore.</param>
    public static MeasuredLevel OfUtility(IReadOnlyList<KeyValuePair<string, TofuMetric>> metrics)
    {
        var parts = metrics
            .GroupBy(metric => metric.Key[..metric.Key.IndexOf('_', StringComparison.Ordinal)])
            .Select(part => part.Select(metric => RowValues(metric.Key, metric.Value)).ToArray())
            .ToArray();
        int[] counts = [.. parts.Select(part => part[0].Length)];
        var value = HarmonicMean.Of([.. metrics.Select(metric => metric.Value.Value!.Value)]);
        return new(
            value,
            BootstrapInterval.OfSamples(
                counts,
                Recovery.Seed,
                drawn =>
                    HarmonicMean.Of([
                        .. parts.SelectMany((part, i) => part.Select(rows => drawn[i].Average(row => rows[row]))),
                    ])
            ),
            counts.Sum()
        );
    }

    /// <summary>Privacy leakage, between its values at the ends of the AUC's interval; the reference counts as
    /// exact.</summary>
    public static MeasuredLevel OfPrivLeak(TofuMetric minK, double retrainedAuc)
    {
        var auc = Of("mia_min_k", minK);
        double At(double of) => PrivacyLeakage.PrivLeak(of, retrainedAuc);
        return new(At(auc.Value), new(At(auc.Interval.High), At(auc.Interval.Low)), auc.N);
    }

    /// <summary>What a row adds to the mean that a metric is.</summary>
    private static double[] RowValues(string name, TofuMetric metric) =>
        [
            .. metric.Items.Select(item =>
            {
                if (item.Probabilities is { } probabilities)
                    return probabilities.Average();
                if (item.RougeLRecall is { } recall)
                    return recall;
                var score = item.Score!.Value;
                if (name == "forget_truth_ratio")
                    return TruthRatio.CloserToOne([score]);
                return name.EndsWith("_Truth_Ratio", StringComparison.Ordinal) ? TruthRatio.TrueBetter([score]) : score;
            }),
        ];

    private static MeasuredLevel OfAuc(double value, double[] forget, double[] holdout)
    {
        var interval = BootstrapInterval.OfSamples(
            [forget.Length, holdout.Length],
            Recovery.Seed,
            drawn => RocAuc.Of([.. drawn[0].Select(i => forget[i])], [.. drawn[1].Select(i => holdout[i])])
        );
        return new(value, interval, forget.Length + holdout.Length);
    }

    private static double[] Scores(IReadOnlyList<TofuItem> items) => [.. items.Select(item => item.Score!.Value)];

    private static string WhyMissing(string name) =>
        name switch
        {
            "forget_quality" => "no retained model was given",
            "forget_truth_ratio" => "the forget rows have no wrong answers",
            "mia_gradnorm" => "no holdout rows were given, or the gradient norm was not asked for",
            "privleak" => "no holdout rows were given",
            _ when name.StartsWith("mia_", StringComparison.Ordinal) => "no holdout rows were given",
            _ => "it was not measured",
        };
}
