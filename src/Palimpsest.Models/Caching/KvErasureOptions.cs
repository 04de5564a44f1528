namespace Palimpsest.Models;

/// <summary>Settings of <see cref="KvCache.Erase"/>.</summary>
public sealed record KvErasureOptions
{
    /// <summary>What is read again.</summary>
    public KvErasureMode Mode { get; init; }

    /// <summary>Whether modes that leave something measure it, by reading the erased tokens once more behind what was
    /// and behind what is left.</summary>
    public bool Probe { get; init; } = true;

    /// <summary>Whether the probe also reads the whole text without the span, to say what would be measured had it
    /// never been there; costs what <see cref="KvErasureMode.Reread"/> does.</summary>
    public bool ProbeBaseline { get; init; }
}
