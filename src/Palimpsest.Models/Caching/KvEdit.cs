namespace Palimpsest.Models;

/// <summary>Which entries of a layer stay, in which order; everything else is freed.</summary>
/// <param name="Index">Columns of the entries held [B or 1, Hkv or 1, K] int64, ascending where
/// <paramref name="Valid"/>; one head's choice holds for all when there is one.</param>
/// <param name="Valid">[B or 1, Hkv or 1, K] bool: false fills up heads and rows that keep fewer; null when none
/// does.</param>
public sealed record KvEdit(Tensor Index, Tensor? Valid = null)
{
    /// <summary>What flows into those that stay before the others are freed; null for nothing.</summary>
    public KvMerge? Merge { get; init; }
}
