namespace Palimpsest.Evaluation;

/// <summary>What a threshold on the verdict's strongest test costs.</summary>
/// <param name="Threshold">Recovery, in [0, 1].</param>
/// <param name="Missed">Of the models that saw the facts, those at or below it.</param>
/// <param name="FalseAlarms">Of the models that never saw them, those above it.</param>
public sealed record ThresholdRates(double Threshold, Rate Missed, Rate FalseAlarms);
