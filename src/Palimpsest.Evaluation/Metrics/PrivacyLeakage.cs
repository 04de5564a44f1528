namespace Palimpsest.Evaluation;

/// <summary>Distance of a membership AUC from that of a model that never saw the forget data, in percent.</summary>
public static class PrivacyLeakage
{
    private const double Epsilon = 1e-10;

    /// <summary>PrivLeak ((1 − a) − (1 − r)) / (1 − r) · 100: negative = under-unlearned, positive =
    /// over-unlearned.</summary>
    /// <param name="auc">AUC a of the model, 1 = memorised.</param>
    /// <param name="retrainedAuc">AUC r of the retrained model; 0.5 when there is none.</param>
    public static double PrivLeak(double auc, double retrainedAuc = 0.5) =>
        (1 - auc - (1 - retrainedAuc)) / (1 - retrainedAuc + Epsilon) * 100;

    /// <summary>Relative difference (a − r) / r · 100.</summary>
    /// <param name="auc">AUC a of the model.</param>
    /// <param name="retrainedAuc">AUC r of the retrained model.</param>
    public static double RelativeDifference(double auc, double retrainedAuc) =>
        (auc - retrainedAuc) / (retrainedAuc + Epsilon) * 100;
}
