namespace Palimpsest.Checkpoints;

/// <summary>How far a group of weights of a second model is from that of a first, taken as one long vector.</summary>
/// <param name="Layer">Zero-based layer; null for weights outside the blocks, or of all layers.</param>
/// <param name="Component">The part; null for all parts.</param>
/// <param name="Tensors">Weights in the group.</param>
/// <param name="Changed">Those of which some number differs.</param>
/// <param name="Difference">The distance.</param>
public sealed record GroupDifference(
    int? Layer,
    string? Component,
    int Tensors,
    int Changed,
    WeightDifference Difference
);
