using System.Text.Json.Serialization;

namespace Palimpsest.Evaluation;

/// <summary>A measured number with its interval and count.</summary>
/// <param name="Value">Shares are in [0, 1]; NaN where it was not measured.</param>
/// <param name="Interval">95 %; <see cref="Interval.None"/> where there is none.</param>
/// <param name="N">How many were measured.</param>
public sealed record MeasuredLevel(double Value, Interval Interval, int N)
{
    /// <summary>Why it was not measured; null when it was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ValueReason
    {
        get => double.IsFinite(Value) ? null : field ?? "nothing was measured";
        init;
    }

    /// <summary>What was not measured.</summary>
    /// <param name="reason">Why, a phrase.</param>
    public static MeasuredLevel Missing(string reason) => new(double.NaN, Interval.None, 0) { ValueReason = reason };

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
