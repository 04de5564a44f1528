namespace Palimpsest.Models;

/// <summary>Names.</summary>
public sealed record WeightNames;
