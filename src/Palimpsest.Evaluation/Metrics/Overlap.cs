namespace Palimpsest.Evaluation;

/// <summary>Agreement of a prediction with a reference.</summary>
/// <param name="Precision">Share of the prediction that is in the reference, in [0, 1].</param>
/// <param name="Recall">Share of the reference that is in the prediction, in [0, 1].</param>
/// <param name="F1">Their harmonic mean; 0 when both are 0.</param>
public readonly record struct Overlap(double Precision, double Recall, double F1)
{
    /// <summary>From counts; an empty side gives zeros.</summary>
    /// <param name="common">Units found on both sides.</param>
    /// <param name="reference">Units of the reference.</param>
    /// <param name="prediction">Units of the prediction.</param>
    public static Overlap Of(int common, int reference, int prediction)
    {
        if (common == 0 || reference == 0 || prediction == 0)
            return default;
        var precision = (double)common / prediction;
        var recall = (double)common / reference;
        return new(precision, recall, 2 * precision * recall / (precision + recall));
    }
}
