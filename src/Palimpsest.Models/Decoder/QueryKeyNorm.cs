namespace Palimpsest.Models;

/// <summary>How queries and keys are normalized before rotation.</summary>
public enum QueryKeyNorm
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Each head by itself: weights [Dh].</summary>
    PerHead,

    /// <summary>All heads together: weights [H · Dh] and [Hkv · Dh].</summary>
    AllHeads,
}
