namespace Palimpsest.Models;

/// <summary>What is done with deltas of every kind.</summary>
internal static class ProjectionDeltas
{
    /// <summary>The weight with a delta in it.</summary>
    /// <exception cref="InputException">The delta is routed or gated; the message has its name.</exception>
    public static Tensor Merge(this IProjectionDelta delta, Tensor weight) =>
        delta.TryMerge(weight)
        ?? throw new InputException($"'{delta.Name}' is routed or gated: no weight says what it does.");
}
