namespace Palimpsest.Models;

/// <summary>What a model gives to the predicted tokens of one sequence, in order.</summary>
/// <param name="LogProbabilities">log p(y_t | y_&lt;t) of each, natural logarithm.</param>
/// <param name="Greedy">Teacher-forced argmax id at each.</param>
/// <param name="Mean">μ_t = Σ_v p_v log p_v over the vocabulary; empty unless asked for.</param>
/// <param name="Deviation">σ_t of log p_v under p, before any clamp; empty unless asked for.</param>
public sealed record TokenScores(float[] LogProbabilities, int[] Greedy, float[] Mean, float[] Deviation)
{
    /// <summary>Mean negative log-likelihood over the predicted tokens; NaN when there is none.</summary>
    public double MeanNll => LogProbabilities.Length == 0 ? double.NaN : -LogProbabilities.Average(p => (double)p);
}
