namespace Palimpsest.Evaluation;

/// <summary>Wilson's score interval of a proportion.</summary>
public static class WilsonInterval
{
    /// <summary>The interval of <paramref name="hits"/> among <paramref name="n"/> trials.</summary>
    /// <param name="hits">Successes, in [0, n].</param>
    /// <param name="n">Trials; 0 gives [0, 1].</param>
    /// <param name="z">Normal quantile: 1.959964 for 95 %.</param>
    public static Interval Of(int hits, int n, double z = 1.959963984540054)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, n);
        if (n == 0)
            return new(0, 1);
        var share = (double)hits / n;
        var centre = (share + z * z / (2 * n)) / (1 + z * z / n);
        var half = z / (1 + z * z / n) * Math.Sqrt(share * (1 - share) / n + z * z / (4.0 * n * n));
        return new(Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
