namespace Palimpsest.Evaluation;

/// <summary>How much of the forgotten knowledge a test brought back.</summary>
/// <param name="Test">The test's name.</param>
/// <param name="Value">Recovery in [0, 1]: 0 as the retrained model, 1 as the original.</param>
/// <param name="Interval">Bootstrap interval over facts, 95 %.</param>
/// <param name="N">Facts measured.</param>
public sealed record Recovery(string Test, double Value, Interval Interval, int N)
{
    /// <summary>The original's knowledge after the same change of its weights, on the same scale; null when it was not
    /// changed.</summary>
    public double? OriginalAfter { get; init; }

    /// <summary>The retrained model's knowledge after the same change, on the same scale; null when it was not
    /// changed.</summary>
    public double? RetrainedAfter { get; init; }

    /// <summary>Seed of the bootstrap.</summary>
    internal const int Seed = 1;

    /// <summary>clip((x − zero) / (one − zero), 0, 1) of the means, with its bootstrap interval.</summary>
    /// <param name="test">The test's name.</param>
    /// <param name="measured">Knowledge of each fact after the test.</param>
    /// <param name="zero">The same of the model that never saw the facts.</param>
    /// <param name="one">The same of the original.</param>
    /// <param name="beyond">What was there before the test and is taken off, in [0, 1].</param>
    public static Recovery Of(string test, double[] measured, double[] zero, double[] one, double beyond = 0)
    {
        ArgumentNullException.ThrowIfNull(measured);
        double Value(int[] rows)
        {
            double Mean(double[] values) => rows.Average(row => values[row]);
            var span = Mean(one) - Mean(zero);
            return span <= 1e-9 ? 0 : Math.Max(0, Math.Clamp((Mean(measured) - Mean(zero)) / span, 0, 1) - beyond);
        }

        return new(
            test,
            Value([.. Enumerable.Range(0, measured.Length)]),
            BootstrapInterval.Of(measured.Length, Seed, Value),
            measured.Length
        );
    }
}
