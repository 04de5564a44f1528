namespace Palimpsest.Models;

/// <summary>The queries of a pass.</summary>
/// <param name="Unrotated">[B, H, T, Dh] float32, as the projection gave them.</param>
/// <param name="Rotated">The same, rotated by the angles of their positions; null where no segment needs them.</param>
/// <param name="Positions">Positions in the text [B or 1, T] int64.</param>
/// <param name="Real">[B, T] bool; null when every query is real.</param>
public sealed record SegmentedQuery(Tensor Unrotated, Tensor? Rotated, Tensor Positions, Tensor? Real = null);
