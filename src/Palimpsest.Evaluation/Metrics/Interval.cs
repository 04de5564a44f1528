namespace Palimpsest.Evaluation;

/// <summary>A confidence interval.</summary>
/// <param name="Low">Lower end; NaN where there is none.</param>
/// <param name="High">Upper end; NaN where there is none.</param>
public readonly record struct Interval(
    [property: WhenMissing(Interval.WhyNone)] double Low,
    [property: WhenMissing(Interval.WhyNone)] double High
)
{
    private const string WhyNone = "this number has no interval";

    /// <summary>That of a number which has none: of a p-value, say.</summary>
    public static Interval None { get; } = new(double.NaN, double.NaN);
}
