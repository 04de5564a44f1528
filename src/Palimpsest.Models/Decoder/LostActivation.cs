namespace Palimpsest.Models;

/// <summary>Where a <see cref="LowRankSparseProjection"/> has its activation, SiLU.</summary>
public enum LostActivation
{
    /// <summary>Nowhere: the projection is a matrix, which can be saved and merged into.</summary>
    None,

    /// <summary>Between the two factors.</summary>
    BetweenFactors,

    /// <summary>After the sum of the two parts, before the bias.</summary>
    AfterSum,
}
