namespace Palimpsest.Evaluation;

/// <summary>How far a metric can be trusted to tell models that saw the facts from models that never did.</summary>
/// <param name="Metric">Its name.</param>
/// <param name="Auc">Faithfulness: the area under the ROC curve, in [0, 1]; 0.5 is guessing. The interval draws the
/// models of either kind again, 95 %.</param>
/// <param name="AucUnder">The same under other conditions.</param>
public sealed record MetricValidation(
    string Metric,
    MeasuredLevel Auc,
    IReadOnlyDictionary<string, MeasuredLevel> AucUnder
)
{
    /// <summary>Mean over models that saw the facts of 1 − |m′ − m| / (|m′| + |m|), m′ after rounding; null
    /// where it was not measured. In [0, 1].</summary>
    [WhenMissing("the metric was not read after rounding")]
    public double? UnderRounding { get; init; }

    /// <summary>Mean over the same models of 1 − |D − D₀| / (|D| + |D₀|): D is what relearning adds, D₀ what
    /// it adds to the retrained model; null where it was not measured. In [0, 1].</summary>
    [WhenMissing("the metric was not read after relearning")]
    public double? UnderRelearning { get; init; }

    /// <summary>Harmonic mean of the AUC and of the harmonic mean of both stabilities; null where one is missing. In
    /// [0, 1].</summary>
    [WhenMissing("a stability was not measured")]
    public double? Overall =>
        UnderRounding is { } rounding && UnderRelearning is { } relearning
            ? HarmonicMean.Of([Auc.Value, HarmonicMean.Of([rounding, relearning])])
            : null;
}
