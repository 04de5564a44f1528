namespace Palimpsest.Evaluation;

/// <summary>Mann-Whitney U test: does one sample tend to larger values than another?</summary>
public static class MannWhitney
{
    /// <summary>U of the first sample: pairs in which it is larger, ties counted half.</summary>
    /// <exception cref="ArgumentException">A sample is empty or holds NaN.</exception>
    public static double U(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count == 0 || second.Count == 0)
            throw new ArgumentException(
                "Both samples need at least one value.",
                first.Count == 0 ? nameof(first) : nameof(second)
            );
        var ranks = Ranks.Of([.. first, .. second]);
        return ranks.Take(first.Count).Sum() - first.Count * (first.Count + 1.0) / 2;
    }

    /// <summary>Two-sided p-value by the normal limit, corrected for ties and continuity; in [0, 1].</summary>
    public static double P(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        var u = U(first, second);
        var (a, b) = ((double)first.Count, (double)second.Count);
        var ties = Ranks.TieSizes([.. first, .. second]).Sum(t => (double)t * t * t - t);
        var deviation = Math.Sqrt(a * b / 12 * (a + b + 1 - ties / ((a + b) * (a + b - 1))));
        var distance = Math.Max(u, a * b - u) - a * b / 2 - 0.5;
        return deviation == 0 ? 1 : Math.Min(1, 2 * (1 - NormalDistribution.Below(distance / deviation)));
    }
}
