namespace Palimpsest.Evaluation;

/// <summary>Hedges' g: difference of means in pooled deviations, with the small-sample correction 1 − 3 / (4 df −
/// 1).</summary>
public static class HedgesG
{
    /// <summary>g; positive when the first sample is larger. NaN when both samples are constant.</summary>
    /// <exception cref="ArgumentException">A sample has fewer than two values.</exception>
    public static double Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count < 2 || second.Count < 2)
            throw new ArgumentException(
                "Both samples need at least two values.",
                first.Count < 2 ? nameof(first) : nameof(second)
            );
        var (a, b) = (first.Average(), second.Average());
        var freedom = first.Count + second.Count - 2.0;
        var pooled = Math.Sqrt((first.Sum(v => (v - a) * (v - a)) + second.Sum(v => (v - b) * (v - b))) / freedom);
        return pooled == 0 ? double.NaN : (1 - 3 / (4 * freedom - 1)) * (a - b) / pooled;
    }
}
