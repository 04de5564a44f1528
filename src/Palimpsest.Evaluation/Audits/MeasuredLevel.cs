namespace Palimpsest.Evaluation;

/// <summary>A measured share with its interval and count.</summary>
/// <param name="Value">In [0, 1].</param>
/// <param name="Interval">95 %.</param>
/// <param name="N">How many were measured.</param>
public sealed record MeasuredLevel(double Value, Interval Interval, int N)
{
    /// <summary>A rate with Wilson's interval.</summary>
    public static MeasuredLevel FromRate(Rate rate) => new(rate.Value, rate.Interval, rate.N);

    /// <summary>The mean of values with its bootstrap interval.</summary>
    /// <param name="values">At least one.</param>
    public static MeasuredLevel FromValues(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(values.Average(), BootstrapInterval.OfMean(values, Recovery.Seed), values.Count);
    }
}
