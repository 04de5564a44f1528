namespace Palimpsest.Evaluation;

/// <summary>Area under the ROC curve: the chance that a positive scores above a negative, ties counted half.</summary>
public static class RocAuc
{
    /// <summary>The area in [0, 1]; 0.5 tells nothing apart.</summary>
    /// <param name="negatives">Scores of class 0, at least one, no NaN.</param>
    /// <param name="positives">Scores of class 1, at least one, no NaN.</param>
    /// <exception cref="ArgumentException">A class is empty or a score is NaN.</exception>
    public static double Of(IReadOnlyList<double> negatives, IReadOnlyList<double> positives) =>
        MannWhitney.U(positives, negatives) / ((double)negatives.Count * positives.Count);

    /// <summary>Points (false positive rate, true positive rate) of the curve from (0, 0) to (1, 1), thresholds
    /// falling.</summary>
    public static IReadOnlyList<(double FalsePositives, double TruePositives)> Curve(
        IReadOnlyList<double> negatives,
        IReadOnlyList<double> positives
    )
    {
        var points = new List<(double, double)> { (0, 0) };
        foreach (var threshold in negatives.Concat(positives).Distinct().OrderDescending())
        {
            points.Add(
                (
                    (double)negatives.Count(v => v >= threshold) / negatives.Count,
                    (double)positives.Count(v => v >= threshold) / positives.Count
                )
            );
        }

        return points;
    }
}
