namespace Palimpsest.Models;

/// <summary>Where a tap is being called.</summary>
/// <param name="Layer">Zero-based layer.</param>
/// <param name="Point">The named point.</param>
/// <param name="AttentionMask">Real tokens [B, S], or null when all are.</param>
public readonly record struct TapContext(int Layer, TapPoint Point, Tensor? AttentionMask);
