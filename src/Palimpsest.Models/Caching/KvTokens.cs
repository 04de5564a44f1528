namespace Palimpsest.Models;

/// <summary>The tokens of a pass, as a layer's cache takes them.</summary>
/// <param name="Positions">Positions in the text [B or 1, T] int64.</param>
/// <param name="Real">[B, T] bool; null when every token is real.</param>
public sealed record KvTokens(Tensor Positions, Tensor? Real = null);
