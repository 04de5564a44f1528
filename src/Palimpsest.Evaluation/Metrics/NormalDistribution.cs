namespace Palimpsest.Evaluation;

/// <summary>The standard normal distribution.</summary>
public static class NormalDistribution
{
    /// <summary>Chance of a value at least <paramref name="z"/> away from 0, in [0, 1].</summary>
    public static double TwoSided(double z) => Erfc(Math.Abs(z) / Math.Sqrt(2));

    /// <summary>Chance of a value below <paramref name="z"/>, in [0, 1].</summary>
    public static double Below(double z) => z <= 0 ? Erfc(-z / Math.Sqrt(2)) / 2 : 1 - Erfc(z / Math.Sqrt(2)) / 2;

    // Series near 0, Lentz's continued fraction beyond; x is not negative.
    private static double Erfc(double x)
    {
        if (x < 2)
        {
            var (sum, term) = (x, x);
            for (var n = 1; n < 100; n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }

            return 1 - 2 / Math.Sqrt(Math.PI) * sum;
        }

        var fraction = x;
        for (var n = 120; n >= 1; n--)
            fraction = x + n / 2.0 / fraction;
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }
}
