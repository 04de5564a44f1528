using System.Numerics;

namespace Palimpsest.Evaluation;

/// <summary>Two-sample, two-sided Kolmogorov-Smirnov test with the exact p-value up to 10,000 values a side.</summary>
/// <remarks>
/// A p-value is the share of lattice paths from (0, 0) to (n, m) that leave a band; for n = m it is
/// 2 Σ_k (−1)^(k−1) C(2n, n−kh) / C(2n, n). Larger samples use Kolmogorov's limit. Hodges 1958.
/// </remarks>
public static class KolmogorovSmirnov
{
    private const int ExactLimit = 10_000;

    /// <summary>Tests whether two samples come from one distribution.</summary>
    /// <param name="first">At least one value, no NaN.</param>
    /// <param name="second">At least one value, no NaN.</param>
    /// <exception cref="ArgumentException">A sample is empty or holds NaN.</exception>
    public static KolmogorovSmirnovResult Test(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        var a = Sorted(first, nameof(first));
        var b = Sorted(second, nameof(second));
        var divisor = (long)BigInteger.GreatestCommonDivisor(a.Length, b.Length);
        var (up, right) = (b.Length / divisor, a.Length / divisor);
        var band = LargestDistance(a, b, up, right);
        var statistic = band / ((double)a.Length * up);
        if (band == 0)
            return new(0, 0);
        return new(statistic, Math.Min(0, LogP()));

        double LogP()
        {
            if (Math.Max(a.Length, b.Length) > ExactLimit)
                return Limit(statistic, a.Length, b.Length);
            return a.Length == b.Length
                ? EqualSizes(a.Length, (int)band)
                : UnequalSizes(a.Length, b.Length, up, right, band);
        }
    }

    private static double[] Sorted(IReadOnlyList<double> sample, string name)
    {
        if (sample.Count == 0 || sample.Any(double.IsNaN))
            throw new ArgumentException("A sample must hold at least one value and no NaN.", name);
        return [.. sample.Order()];
    }

    // Distances are counted in units of 1 / lcm(n, m), so that equal ones compare equal.
    private static long LargestDistance(double[] a, double[] b, long up, long right)
    {
        var (i, j, largest) = (0, 0, 0L);
        while (i < a.Length && j < b.Length)
        {
            var value = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] == value)
                i++;
            while (j < b.Length && b[j] == value)
                j++;
            largest = Math.Max(largest, Math.Abs(i * up - j * right));
        }

        return largest;
    }

    private static double EqualSizes(int n, int band)
    {
        var tail = 0.0;
        for (var k = n / band; k >= 1; k--)
            tail = Math.Exp(LogBinomialRatio(n, k * band, (k - 1) * band)) * (1 - tail);
        return tail > 1e-290 ? Math.Log(2) + Math.Log(tail) : Math.Log(2) + LogTail(n, band);
    }

    private static double LogTail(int n, int band)
    {
        var rest = 0.0;
        for (var k = n / band; k >= 2; k--)
            rest = Math.Exp(LogBinomialRatio(n, k * band, (k - 1) * band)) * (1 - rest);
        return LogBinomialRatio(n, band, 0) + Math.Log(1 - rest);
    }

    // log C(2n, n − far) − log C(2n, n − near), far ≥ near.
    private static double LogBinomialRatio(int n, int far, int near)
    {
        var sum = 0.0;
        for (var i = near; i < far; i++)
            sum += Math.Log(n - i) - Math.Log(n + i + 1.0);
        return sum;
    }

    private static double UnequalSizes(int n, int m, long up, long right, long band)
    {
        var plain = TouchingShare(n, m, up, right, band, logarithmic: false);
        return plain > 1e-250 ? Math.Log(plain) : TouchingShare(n, m, up, right, band, logarithmic: true);
    }

    // Share of the paths to (i, j) that have touched the band: the last step came from (i−1, j) with chance i / (i +
    // j).
    private static double TouchingShare(int n, int m, long up, long right, long band, bool logarithmic)
    {
        var (none, all) = logarithmic ? (double.NegativeInfinity, 0.0) : (0.0, 1.0);
        var shares = new double[m + 1];
        for (var i = 0; i <= n; i++)
        {
            for (var j = 0; j <= m; j++)
            {
                var below = j > 0 ? shares[j - 1] : none;
                if (Math.Abs(i * up - j * right) >= band)
                    shares[j] = all;
                else if (i + j == 0)
                    shares[j] = none;
                else
                    shares[j] = logarithmic ? LogMix(shares[j], below, i, j) : Mix(shares[j], below, i, j);
            }
        }

        return shares[m];
    }

    private static double Mix(double left, double below, int i, int j)
    {
        var fromLeft = i == 0 ? 0 : left * i;
        return (fromLeft + below * j) / (i + j);
    }

    private static double LogMix(double left, double below, int i, int j)
    {
        var a = i == 0 ? double.NegativeInfinity : left + Math.Log((double)i / (i + j));
        var b = j == 0 ? double.NegativeInfinity : below + Math.Log((double)j / (i + j));
        var larger = Math.Max(a, b);
        return double.IsNegativeInfinity(larger)
            ? larger
            : larger + Math.Log(Math.Exp(a - larger) + Math.Exp(b - larger));
    }

    private static double Limit(double statistic, int n, int m)
    {
        var squared = statistic * statistic * ((double)n * m / ((double)n + m));
        var rest = 0.0;
        for (var k = 2; k <= 100; k++)
            rest += (k % 2 == 0 ? -1 : 1) * Math.Exp(-2 * squared * (k * k - 1.0));
        var factor = 2 * Math.Exp(-2 * squared) * (1 + rest);
        if (squared < 0.04)
            return 0;
        return factor > 0 ? Math.Log(factor) : Math.Log(2) - 2 * squared;
    }
}
