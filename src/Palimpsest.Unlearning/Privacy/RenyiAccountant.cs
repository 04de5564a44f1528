namespace Palimpsest.Unlearning;

/// <summary>What DP-SGD costs: Rényi differential privacy of the Gaussian mechanism on randomly sampled rows. Mironov
/// et al. 2019, arXiv:1908.10530.</summary>
public static class RenyiAccountant
{
    private const double Vanishing = -30;

    /// <summary>The orders that <see cref="Epsilon"/> searches: 1.1 to 10.9 by 0.1, and 12 to 63.</summary>
    public static IReadOnlyList<double> Orders { get; } =
    [.. Enumerable.Range(1, 99).Select(i => 1 + i / 10.0), .. Enumerable.Range(12, 52).Select(i => (double)i)];

    /// <summary>Rényi divergence of one step at an order.</summary>
    /// <param name="noise">Noise multiplier σ, at least 0.</param>
    /// <param name="rate">Sampling rate q of each row, in [0, 1].</param>
    /// <param name="order">α, above 1.</param>
    /// <returns>Nats; infinite without noise.</returns>
    public static double Divergence(double noise, double rate, double order)
    {
        Require.InRange(noise, atLeast: 0, name: nameof(noise));
        Require.InRange(rate, atLeast: 0, atMost: 1, name: nameof(rate));
        Require.InRange(order, above: 1, name: nameof(order));
        if (rate == 0)
            return 0;
        if (noise == 0)
            return double.PositiveInfinity;
        if (rate == 1)
            return order / (2 * noise * noise);
        var moment = double.IsInteger(order) ? WholeMoment(noise, rate, (int)order) : Moment(noise, rate, order);
        return moment / (order - 1);
    }

    /// <summary>The ε that holds together with δ after a number of steps.</summary>
    /// <param name="noise">Noise multiplier σ, at least 0.</param>
    /// <param name="rate">Sampling rate q of each row, in [0, 1].</param>
    /// <param name="steps">Steps, at least 0.</param>
    /// <param name="delta">δ, in (0, 1); far below one over the rows.</param>
    public static double Epsilon(double noise, double rate, int steps, double delta)
    {
        Require.AtLeast(steps, 0, nameof(steps));
        Require.InRange(delta, above: 0, atMost: 1, name: nameof(delta));
        if (steps == 0 || rate == 0)
            return 0;
        var best = Orders.Min(order =>
            steps * Divergence(noise, rate, order)
            - (Math.Log(delta) + Math.Log(order)) / (order - 1)
            + double.LogP1(-1 / order)
        );
        return Math.Max(0, best);
    }

    /// <summary>The least noise multiplier, to a thousandth of itself, with which (ε, δ) hold.</summary>
    /// <param name="epsilon">ε, above 0.</param>
    /// <param name="delta">δ, in (0, 1).</param>
    /// <param name="rate">Sampling rate q of each row, in (0, 1].</param>
    /// <param name="steps">Steps, at least 1.</param>
    /// <exception cref="InputException">No noise multiplier up to 1e6 is enough.</exception>
    public static double Noise(double epsilon, double delta, double rate, int steps)
    {
        Require.InRange(epsilon, above: 0, name: nameof(epsilon));
        var (low, high) = (0.0, 1.0);
        while (Epsilon(high, rate, steps, delta) > epsilon)
        {
            (low, high) = (high, high * 2);
            if (high > 1e6)
                throw new InputException(
                    FormattableString.Invariant(
                        $"No noise gives epsilon {epsilon} at delta {delta} over {steps} steps."
                    )
                );
        }

        while (high - low > 1e-3 * high)
        {
            var middle = (low + high) / 2;
            (low, high) = Epsilon(middle, rate, steps, delta) > epsilon ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>ln E[(mixture / Gaussian)^α], a finite sum for whole α.</summary>
    private static double WholeMoment(double noise, double rate, int order)
    {
        var (sum, binomial) = (double.NegativeInfinity, 0.0);
        for (var i = 0; i <= order; i++)
        {
            var exponent = (double)i * (i - 1) / (2 * noise * noise);
            var term = binomial + i * Math.Log(rate) + (order - i) * double.LogP1(-rate) + exponent;
            sum = LogSum(sum, term, sign: 1);
            binomial += Math.Log(order - i) - Math.Log(i + 1);
        }

        return sum;
    }

    /// <summary>The same for any α: two series, one on each side of the point where the densities cross.</summary>
    private static double Moment(double noise, double rate, double order)
    {
        var crossing = noise * noise * Math.Log(1 / rate - 1) + 0.5;
        var (below, above, binomial) = (double.NegativeInfinity, double.NegativeInfinity, 1.0);
        double Tail(double x) => Math.Log(0.5) + LogErfc(x / (Math.Sqrt(2) * noise));
        for (var i = 0; ; i++)
        {
            var (rest, size) = (order - i, Math.Log(Math.Abs(binomial)));
            var left =
                size
                + i * Math.Log(rate)
                + rest * double.LogP1(-rate)
                + (double)i * (i - 1) / (2 * noise * noise)
                + Tail(i - crossing);
            var right =
                size
                + rest * Math.Log(rate)
                + i * double.LogP1(-rate)
                + rest * (rest - 1) / (2 * noise * noise)
                + Tail(crossing - rest);
            (below, above) = (LogSum(below, left, Math.Sign(binomial)), LogSum(above, right, Math.Sign(binomial)));
            if (Math.Max(left, right) < Vanishing)
                return LogSum(below, above, sign: 1);
            binomial *= rest / (i + 1);
        }
    }

    /// <summary>ln(e^a + sign · e^b).</summary>
    private static double LogSum(double a, double b, int sign)
    {
        if (double.IsNegativeInfinity(b))
            return a;
        if (double.IsNegativeInfinity(a))
            return b;
        var (largest, least) = (Math.Max(a, b), Math.Min(a, b));
        return largest + double.LogP1(sign * Math.Exp(least - largest));
    }

    // Series near 0, Lentz's continued fraction beyond, in logarithms: erfc(40) is below every double.
    private static double LogErfc(double x)
    {
        if (x < 0)
            return Math.Log(2 - Math.Exp(LogErfc(-x)));
        if (x >= 2)
        {
            var fraction = x;
            for (var n = 120; n >= 1; n--)
                fraction = x + n / 2.0 / fraction;
            return -x * x - Math.Log(Math.PI) / 2 - Math.Log(fraction);
        }

        var (sum, term) = (x, x);
        for (var n = 1; n < 100; n++)
        {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }

        return Math.Log(1 - 2 / Math.Sqrt(Math.PI) * sum);
    }
}
