using System.Text;

namespace Palimpsest.Evaluation;

/// <summary>Membership scores of one text from its token scores. All are oriented like a loss: high =
/// non-member.</summary>
public static class MembershipScore
{
    private const double LeastVariance = 1e-6;

    /// <summary>Mean NLL per compressed byte; the text's own entropy divides out. Carlini et al. 2021,
    /// arXiv:2012.07805.</summary>
    /// <param name="meanNll">Mean NLL of the text.</param>
    /// <param name="text">The scored text.</param>
    public static double Zlib(double meanNll, string text) => meanNll / ZlibLength.Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Mean NLL above that of a reference model.</summary>
    public static double Reference(double meanNll, double referenceMeanNll) => meanNll - referenceMeanNll;

    /// <summary>Min-k: −mean of the lowest share k of the log-probabilities, at least one. Shi et al. 2024,
    /// arXiv:2310.16789.</summary>
    /// <param name="logProbabilities">One per token, the end token left out.</param>
    /// <param name="share">k in (0, 1].</param>
    /// <returns>The score; 0 for a text without tokens.</returns>
    public static double MinK(ReadOnlySpan<float> logProbabilities, double share = 0.4)
    {
        var values = new double[logProbabilities.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = logProbabilities[i];
        return LowestMean(values, share);
    }

    /// <summary>Min-k++: min-k of z = (log p − μ) / σ, σ² at least 1e-6. Zhang et al. 2025, arXiv:2404.02936.</summary>
    /// <param name="logProbabilities">One per token, the end token left out.</param>
    /// <param name="mean">μ = Σ_v p_v log p_v at each token.</param>
    /// <param name="deviation">σ of log p_v under p at each token.</param>
    /// <param name="share">k in (0, 1].</param>
    /// <returns>The score; 0 for a text without tokens.</returns>
    public static double MinKPlusPlus(
        ReadOnlySpan<float> logProbabilities,
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> deviation,
        double share = 0.4
    )
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(mean.Length, logProbabilities.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(deviation.Length, logProbabilities.Length);
        var values = new double[logProbabilities.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var variance = Math.Max(LeastVariance, (double)deviation[i] * deviation[i]);
            values[i] = ((double)logProbabilities[i] - mean[i]) / Math.Sqrt(variance);
        }

        return LowestMean(values, share);
    }

    private static double LowestMean(double[] values, double share)
    {
        Require.InRange(share, above: 0, atMost: 1, name: nameof(share));
        if (values.Length == 0)
            return 0;
        Array.Sort(values);
        return -values.Take(Math.Max(1, (int)(values.Length * share))).Average();
    }
}
