namespace Palimpsest.Evaluation;

/// <summary>How fast a score falls while other things are learnt: a + b (1 + t)^−c and a + b e^(−t/τ), fitted by
/// least squares.</summary>
/// <param name="EarlyDrop">What is lost between the first measurement and that after the early updates.</param>
/// <param name="LateDrop">What is lost from there to the last.</param>
/// <param name="HalfLife">Updates after which half of what the first exceeds the floor by is lost, between two
/// measurements in a straight line; null where it never is.</param>
/// <param name="Exponent">c of the power, above 0.</param>
/// <param name="PowerError">Mean squared error of the power.</param>
/// <param name="TimeConstant">τ of the exponential in updates, above 0.</param>
/// <param name="ExponentialError">Mean squared error of the exponential.</param>
public sealed record RetentionCurve(
    double EarlyDrop,
    double LateDrop,
    [property: WhenMissing("half of it was never lost")] double? HalfLife,
    double Exponent,
    double PowerError,
    double TimeConstant,
    double ExponentialError
)
{
    private const int Grid = 241;
    private const double Decades = 6;

    /// <summary>Sums a curve up.</summary>
    /// <param name="updates">Updates before each measurement, rising from 0; at least three.</param>
    /// <param name="scores">What was measured.</param>
    /// <param name="floor">What a model that never studied gives.</param>
    /// <param name="early">How many updates are early ones, above 0; a measurement after so many is needed.</param>
    /// <exception cref="InputException">The measurements do not rise from 0, or none is after the early
    /// updates.</exception>
    public static RetentionCurve Of(
        IReadOnlyList<int> updates,
        IReadOnlyList<double> scores,
        double floor,
        int early = 10
    )
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Count, updates.Count);
        if (updates.Count < 3 || updates[0] != 0 || updates.Zip(updates.Skip(1)).Any(pair => pair.Second <= pair.First))
            throw new InputException("A curve needs three measurements, the first before any update, in rising order.");
        var middle = updates.ToList().IndexOf(early);
        if (middle < 1)
            throw new InputException($"A curve needs a measurement after {early} updates.");
        double[] rates =
        [
            .. Enumerable.Range(0, Grid).Select(i => Math.Pow(10, Decades * i / (Grid - 1) - Decades / 2)),
        ];
        var power = rates.Select(rate => (rate, Error(scores, [.. updates.Select(t => Math.Pow(1 + t, -rate))])));
        var exponential = rates.Select(rate => (rate, Error(scores, [.. updates.Select(t => Math.Exp(-t / rate))])));
        var (exponent, powerError) = power.MinBy(fit => fit.Item2);
        var (constant, exponentialError) = exponential.MinBy(fit => fit.Item2);
        return new(
            scores[0] - scores[middle],
            scores[middle] - scores[^1],
            HalfLifeOf(updates, scores, floor),
            exponent,
            powerError,
            constant,
            exponentialError
        );
    }

    private static double? HalfLifeOf(IReadOnlyList<int> updates, IReadOnlyList<double> scores, double floor)
    {
        var half = floor + (scores[0] - floor) / 2;
        for (var i = 1; i < scores.Count; i++)
        {
            if (scores[i] <= half && scores[i - 1] > half)
                return updates[i - 1]
                    + (updates[i] - updates[i - 1]) * (scores[i - 1] - half) / (scores[i - 1] - scores[i]);
        }

        return null;
    }

    /// <summary>The least mean squared error of a + b x.</summary>
    private static double Error(IReadOnlyList<double> scores, double[] x)
    {
        var (meanX, meanY) = (x.Average(), scores.Average());
        var spread = x.Sum(value => (value - meanX) * (value - meanX));
        var slope = spread <= 0 ? 0 : x.Zip(scores, (a, b) => (a - meanX) * (b - meanY)).Sum() / spread;
        return x.Zip(scores, (a, b) => Math.Pow(b - meanY - slope * (a - meanX), 2)).Average();
    }
}
