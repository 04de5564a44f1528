namespace Palimpsest.Checkpoints;

/// <summary>How far a weight of a second model is from that of a first.</summary>
/// <param name="Name">The weight.</param>
/// <param name="Layer">Zero-based layer, or null outside the blocks.</param>
/// <param name="Component">The part, for example <c>attention</c>.</param>
/// <param name="Expert">Zero-based expert, or null.</param>
/// <param name="Difference">The distance.</param>
public sealed record TensorDifference(
    string Name,
    int? Layer,
    string Component,
    int? Expert,
    WeightDifference Difference
);
