namespace Palimpsest.Evaluation;

/// <summary>A two-sample Kolmogorov-Smirnov test.</summary>
/// <param name="Statistic">Largest distance of the two empirical distributions, in [0, 1].</param>
/// <param name="LogP">Natural logarithm of the two-sided p-value; at most 0, finite where p itself would
/// underflow.</param>
public readonly record struct KolmogorovSmirnovResult(double Statistic, double LogP)
{
    /// <summary>The two-sided p-value in [0, 1]; 0 when below 1e-308.</summary>
    public double P => Math.Exp(LogP);

    /// <summary>Decimal logarithm of the p-value, at most 0.</summary>
    public double Log10P => LogP / Math.Log(10);
}
