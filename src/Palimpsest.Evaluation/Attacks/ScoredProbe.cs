namespace Palimpsest.Evaluation;

/// <summary>What a model's probabilities say after a probe.</summary>
/// <param name="Probe">What was asked.</param>
/// <param name="Share">The true value's share of the candidates' probability, in [0, 1].</param>
/// <param name="IsFirst">True when no candidate is likelier.</param>
/// <param name="Chance">One over the number of candidates.</param>
public sealed record ScoredProbe(SleekProbe Probe, double Share, bool IsFirst, double Chance);
