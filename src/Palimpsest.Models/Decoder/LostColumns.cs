namespace Palimpsest.Models;

/// <summary>What the sparse columns of a <see cref="LowRankSparseProjection"/> start as.</summary>
public enum LostColumns
{
    /// <summary>The columns of the dense weight.</summary>
    Original,

    /// <summary>What the low-rank part leaves of them.</summary>
    Residual,
}
