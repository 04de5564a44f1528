namespace Palimpsest.Erasure;

/// <summary>What became of a request in one place, as reading the place again has shown.</summary>
public enum ErasureStatus
{
    /// <summary>What was named is gone, and nothing in the place was made of it.</summary>
    Removed,

    /// <summary>What was made of it was made anew without it.</summary>
    Rebuilt,

    /// <summary>Weights were changed so that they no longer give it.</summary>
    Unlearned,

    /// <summary>The place still has it, or something that was made of it.</summary>
    StillContains,

    /// <summary>The place was searched and did not have it.</summary>
    NotFound,

    /// <summary>The place was not searched.</summary>
    NotVisited,
}
