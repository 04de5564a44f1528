namespace Palimpsest.Evaluation;

/// <summary>A metric over all rows.</summary>
/// <param name="Value">The aggregate; null when it needs something that was not given.</param>
/// <param name="Items">One per row; empty for metrics of metrics.</param>
/// <param name="Holdout">One per holdout row, for membership scores; else empty.</param>
public sealed record TofuMetric(double? Value, IReadOnlyList<TofuItem> Items, IReadOnlyList<TofuItem> Holdout)
{
    /// <summary>Interval and count of a metric of metrics; null where they follow from the rows.</summary>
    public MeasuredLevel? Level { get; init; }
}
