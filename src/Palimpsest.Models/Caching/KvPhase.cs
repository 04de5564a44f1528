namespace Palimpsest.Models;

/// <summary>Where in a conversation a pass is.</summary>
public enum KvPhase
{
    /// <summary>A part of a prompt, of which more comes.</summary>
    PrefillChunk,

    /// <summary>The whole or the last part of a prompt.</summary>
    PrefillEnd,

    /// <summary>One new token per row.</summary>
    Step,
}
