namespace Palimpsest.Evaluation;

/// <summary>Student's interval of a mean of few independent values.</summary>
public static class StudentInterval
{
    /// <summary>mean ± t(level, n − 1) · s / √n, s with n − 1 in the denominator.</summary>
    /// <param name="values">At least two.</param>
    /// <param name="level">Coverage in (0, 1).</param>
    /// <exception cref="ArgumentException">There are fewer than two values.</exception>
    public static Interval OfMean(IReadOnlyList<double> values, double level = 0.95)
    {
        if (values.Count < 2)
            throw new ArgumentException(
                $"An interval needs at least two values; there are {values.Count}.",
                nameof(values)
            );
        var mean = values.Average();
        var variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1);
        var half = Quantile((1 + level) / 2, values.Count - 1) * Math.Sqrt(variance / values.Count);
        return new(mean - half, mean + half);
    }

    /// <summary>The value below which a t-distributed number lies with a probability.</summary>
    /// <param name="probability">In [0.5, 1).</param>
    /// <param name="freedom">Degrees of freedom, at least 1.</param>
    public static double Quantile(double probability, int freedom)
    {
        Require.InRange(probability, atLeast: 0.5, atMost: 1 - 1e-12, name: nameof(probability));
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);
        var (low, high) = (0.0, 1.0);
        while (Below(high, freedom) < probability)
            high *= 2;
        for (var i = 0; i < 200 && high - low > 1e-13 * high; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Below(middle, freedom) < probability ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    // P(T < t) for t ≥ 0: the finite sums for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4).
    private static double Below(double t, int freedom)
    {
        var angle = Math.Atan(t / Math.Sqrt(freedom));
        var (sine, cosine) = (Math.Sin(angle), Math.Cos(angle));
        var odd = freedom % 2 == 1;
        var (sum, term) = (0.0, odd ? cosine : 1.0);
        for (var k = odd ? 2 : 1; k < freedom; k += 2)
        {
            sum += term;
            term *= cosine * cosine * k / (k + 1);
        }

        var within = odd ? 2 / Math.PI * (angle + sine * sum) : sine * sum;
        return (1 + within) / 2;
    }
}
