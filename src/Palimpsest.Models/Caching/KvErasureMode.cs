namespace Palimpsest.Models;

/// <summary>How a span is erased from a cache.</summary>
public enum KvErasureMode
{
    /// <summary>
    /// Everything that the span could have changed is read again without it: later tokens where the cache has no
    /// policy, else the whole text, since the span had a say in which entries stayed and how they were stored.
    /// </summary>
    Reread,

    /// <summary>Later tokens are read again behind what is held of earlier ones; which of those a policy kept, merged
    /// or rounded, and how, was decided with the span in view and stays.</summary>
    RereadLater,

    /// <summary>The span's entries go; those of later tokens, which have read it, stay.</summary>
    DropEntries,
}
