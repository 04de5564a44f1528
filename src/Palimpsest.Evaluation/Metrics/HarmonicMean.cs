namespace Palimpsest.Evaluation;

/// <summary>Harmonic mean n / Σ 1/x: as low as its worst part.</summary>
public static class HarmonicMean
{
    /// <summary>The mean; 0 as soon as one value is 0, NaN of nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative or NaN.</exception>
    public static double Of(IReadOnlyCollection<double> values)
    {
        foreach (var value in values)
        {
            if (!(value >= 0))
                throw new ArgumentOutOfRangeException(nameof(values), value, "Values must be >= 0.");
        }

        if (values.Count == 0)
            return double.NaN;
        return values.Contains(0) ? 0 : values.Count / values.Sum(v => 1 / v);
    }
}
