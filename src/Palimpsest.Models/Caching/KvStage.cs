namespace Palimpsest.Models;

/// <summary>What a policy changes; policies are composed in this order.</summary>
public enum KvStage
{
    /// <summary>Which entries are held.</summary>
    Entries,

    /// <summary>How entries are stored.</summary>
    Storage,
}
