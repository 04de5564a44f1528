namespace Palimpsest.Worlds;

/// <summary>What a function of a <see cref="CodeWorld"/> is for.</summary>
public enum CodePart
{
    /// <summary>Its key is to be forgotten.</summary>
    Forget,

    /// <summary>It has a key that is to stay known.</summary>
    Neighbour,

    /// <summary>It has no key.</summary>
    Clean,

    /// <summary>It has a key, and no model has seen it.</summary>
    Unseen,
}
