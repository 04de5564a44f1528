namespace Palimpsest.Models;

/// <summary>Which distances the angles of a segment's keys speak of.</summary>
public enum PositionMode
{
    /// <summary>The distances in the text.</summary>
    Original,

    /// <summary>The distances among the entries that are held: gaps are closed. Keys must be unrotated.</summary>
    CacheRelative,

    /// <summary>One distance for all entries, whatever theirs is. Keys must be unrotated.</summary>
    FixedFar,
}
