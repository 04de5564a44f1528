namespace Palimpsest.Models;

/// <summary>Entries that flow into others: x_to ← own_to · x_to + Σ weight · x_from, for keys and values
/// alike.</summary>
/// <remarks>
/// M pairs of a column as it was and a place among the K that stay. What flows are the entries as they were, so that
/// pairs do not depend on their order. A pair of weight 0 is none.
/// </remarks>
/// <param name="From">Columns [B, Hkv, M] int64.</param>
/// <param name="To">Places among those that stay [B, Hkv, M] int64.</param>
/// <param name="Weights">[B, Hkv, M] float32.</param>
public sealed record KvMerge(Tensor From, Tensor To, Tensor Weights)
{
    /// <summary>What is left of those that stay [B, Hkv, K] float32; null for all of it.</summary>
    public Tensor? Own { get; init; }

    /// <summary>Tokens that each of those that stay counts as in attention [B, Hkv, K] float32; null for as many as
    /// before.</summary>
    public Tensor? Counts { get; init; }

    /// <summary>Whether keys stay as they are and values alone flow.</summary>
    public bool ValuesOnly { get; init; }
}
