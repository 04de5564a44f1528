namespace Palimpsest.Models;

/// <summary>What a policy changes; policies are composed in this order.</summary>
public enum KvStage
{
    /// <summary>Which entries are held.</summary>
    Entries,

    /// <summary>Which entries become one.</summary>
    Merging,

    /// <summary>Which channels of the keys are held.</summary>
    Channels,

    /// <summary>How entries are stored.</summary>
    Storage,
}
