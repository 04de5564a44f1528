namespace Palimpsest.Evaluation;

/// <summary>One bar.</summary>
/// <param name="Name">Its label.</param>
/// <param name="Value">Its length in [0, 1]; NaN where nothing was measured.</param>
/// <param name="Interval">95 %.</param>
/// <param name="Model"><c>original</c>, <c>candidate</c> or <c>retrained</c>.</param>
public sealed record ReportBar(string Name, double Value, Interval Interval, string Model)
{
    /// <summary>How many were measured; 0 where that was not recorded.</summary>
    public int N { get; init; }

    /// <summary>How far the bar went before the test, in [0, 1]: the rest is drawn on top of it. Null for a test that
    /// changes nothing.</summary>
    [WhenMissing("the test changes nothing")]
    public double? Before { get; init; }
}
