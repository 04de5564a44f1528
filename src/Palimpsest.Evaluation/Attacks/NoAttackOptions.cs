namespace Palimpsest.Evaluation;

/// <summary>Settings of an attack that has none.</summary>
public sealed record NoAttackOptions;
