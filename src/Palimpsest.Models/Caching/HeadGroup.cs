namespace Palimpsest.Models;

/// <summary>Key-value heads of a layer that hold as many entries, and what they hold.</summary>
/// <param name="Heads">Which [n] int64.</param>
/// <param name="Segments">Their entries; tensors have n heads.</param>
public sealed record HeadGroup(Tensor Heads, IReadOnlyList<KvSegment> Segments);
