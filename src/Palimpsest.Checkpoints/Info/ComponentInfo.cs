namespace Palimpsest.Checkpoints;

/// <summary>Parameters of one kind of part.</summary>
/// <param name="Component">The part: embedding, attention, mlp, experts, router, norm or head.</param>
/// <param name="Parameters">Its numbers over all layers.</param>
/// <param name="Share">Its share of all numbers, in [0, 1].</param>
public sealed record ComponentInfo(string Component, long Parameters, double Share);
