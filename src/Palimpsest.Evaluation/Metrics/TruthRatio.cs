namespace Palimpsest.Evaluation;

/// <summary>How likely wrong answers are beside the correct one, and its aggregations over a set.</summary>
public static class TruthRatio
{
    private const double Epsilon = 1e-10;

    /// <summary>e^(−mean loss of wrong answers) / (e^(−mean loss of correct answers) + 1e-10); below 1 the truth is
    /// likelier.</summary>
    /// <param name="correctLosses">Mean NLL of each correct answer, at least one.</param>
    /// <param name="wrongLosses">Mean NLL of each wrong answer, at least one.</param>
    public static double Of(IReadOnlyCollection<double> correctLosses, IReadOnlyCollection<double> wrongLosses) =>
        Math.Exp(-wrongLosses.Average()) / (Math.Exp(-correctLosses.Average()) + Epsilon);

    /// <summary>Mean of min(r, 1/r): 1 when wrong and correct answers are equally likely. For forget sets.</summary>
    public static double CloserToOne(IReadOnlyCollection<double> ratios) =>
        ratios.Count == 0 ? double.NaN : ratios.Average(r => Math.Min(r, 1 / (r + Epsilon)));

    /// <summary>Mean of max(0, 1 − r): 1 when only the truth is likely. For sets that must be kept.</summary>
    public static double TrueBetter(IReadOnlyCollection<double> ratios) =>
        ratios.Count == 0 ? double.NaN : ratios.Average(r => Math.Max(0, 1 - r));

    /// <summary>Share of probability on the truth: e^−c / (e^−c + e^−w + 1e-10), in [0, 1].</summary>
    /// <param name="correctLosses">Mean NLL of each correct answer, at least one.</param>
    /// <param name="wrongLosses">Mean NLL of each wrong answer, at least one.</param>
    public static double TruthShare(IReadOnlyCollection<double> correctLosses, IReadOnlyCollection<double> wrongLosses)
    {
        var (correct, wrong) = (Math.Exp(-correctLosses.Average()), Math.Exp(-wrongLosses.Average()));
        return correct / (correct + wrong + Epsilon);
    }
}
