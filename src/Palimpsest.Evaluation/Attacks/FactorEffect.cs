namespace Palimpsest.Evaluation;

/// <summary>How much a factor of the attack changes the leak, averaged over the other factors' cells.</summary>
/// <param name="Name"><c>decomposition</c>, <c>reasoning</c> or <c>own replies</c>.</param>
/// <param name="Effect">Leak with it − leak without it, in [−1, 1].</param>
/// <param name="Interval">95 % bootstrap interval over facts.</param>
/// <param name="N">Facts.</param>
public sealed record FactorEffect(string Name, double Effect, Interval Interval, int N);
