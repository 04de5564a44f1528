namespace Palimpsest.Evaluation;

/// <summary>Length-normalised probability of an answer.</summary>
public static class AnswerProbability
{
    /// <summary>e^(−mean NLL over the labelled tokens, the end token included), in [0, 1].</summary>
    public static double Of(double meanNll) => Math.Exp(-meanNll);

    /// <summary>p(correct) / (p(correct) + Σ p(wrong) + 1e-10), in [0, 1].</summary>
    public static double Normalised(double correct, IEnumerable<double> wrong) =>
        correct / (correct + wrong.Sum() + 1e-10);
}
