namespace Palimpsest.Evaluation;

/// <summary>How much of the forgotten knowledge a test finds.</summary>
/// <param name="Test">The test's name.</param>
/// <param name="Value">In [0, 1]: 0 as the model that never saw the facts (chance where there is none), 1 as the
/// original.</param>
/// <param name="Interval">Bootstrap interval over facts, 95 %.</param>
/// <param name="N">Facts measured.</param>
public sealed record Recovery(string Test, double Value, Interval Interval, int N)
{
    /// <summary>Seed of the bootstrap.</summary>
    internal const int Seed = 1;

    /// <summary>Which question the test answers.</summary>
    public AuditAxis Axis { get; init; } = AuditAxis.Holds;

    /// <summary>The same of the same facts before the test changed the model, in [0, 1]; null for a test that changes
    /// nothing.</summary>
    [WhenMissing("the test does not change the model")]
    public double? Before { get; init; }

    /// <summary>What the test brings back beyond what was there before it, in [0, 1]; 0 for a test that changes
    /// nothing.</summary>
    public double Gain => Before is { } before ? Math.Max(0, Value - before) : 0;

    /// <summary>The original's knowledge after the same change of its weights, on the same scale; null when it was not
    /// changed.</summary>
    [WhenMissing("the original was not changed by the test")]
    public double? OriginalAfter { get; init; }

    /// <summary>The retrained model's knowledge after the same change, on the same scale; null when it was not
    /// changed.</summary>
    [WhenMissing("no retrained model was changed by the test")]
    public double? RetrainedAfter { get; init; }

    /// <summary>clip((x − zero) / (one − zero), 0, 1); 0 where the original does not exceed the zero by the least
    /// span.</summary>
    internal static double Share(double measured, double zero, double one, double leastSpan) =>
        one - zero < leastSpan ? 0 : Math.Clamp((measured - zero) / (one - zero), 0, 1);

    /// <summary>clip((x − zero) / (one − zero), 0, 1) of the means, with its bootstrap interval; 0 where the
    /// original does not exceed the zero.</summary>
    /// <param name="test">The test's name.</param>
    /// <param name="measured">Knowledge of each fact as the test finds it, at least one.</param>
    /// <param name="zero">The same of the model that never saw the facts.</param>
    /// <param name="one">The same of the original.</param>
    public static Recovery Of(string test, double[] measured, double[] zero, double[] one)
    {
        ArgumentNullException.ThrowIfNull(measured);
        double Value(int[] rows)
        {
            double Mean(double[] values) => rows.Average(row => values[row]);
            return Share(Mean(measured), Mean(zero), Mean(one), leastSpan: 1e-9);
        }

        return new(
            test,
            Value([.. Enumerable.Range(0, measured.Length)]),
            BootstrapInterval.Of(measured.Length, Seed, Value),
            measured.Length
        );
    }
}
