namespace Palimpsest.Models;

/// <summary>Entries that attention reads together; several segments share one softmax.</summary>
/// <param name="Keys">[B, Hkv, S, Dh] float32.</param>
/// <param name="Values">[B, Hkv, S, Dh] float32.</param>
public sealed record KvSegment(Tensor Keys, Tensor Values)
{
    /// <summary>
    /// Positions in the text [B or 1, Hkv or 1, S] int64: who sees whom, windows, and angles where
    /// <see cref="Mode"/> is original.
    /// </summary>
    public required Tensor Positions { get; init; }

    /// <summary>Entries that count [B or 1, Hkv or 1, S] bool; null for all of them.</summary>
    public Tensor? Keep { get; init; }

    /// <summary>Tokens that each entry counts as [B, Hkv, S] float32: attention adds the logarithm to its score; null
    /// where each is one.</summary>
    public Tensor? Counts { get; init; }

    /// <summary>How the keys are stored.</summary>
    public KeyRotation Rotation { get; init; }

    /// <summary>Which distances count.</summary>
    public PositionMode Mode { get; init; }

    /// <summary>The distance of <see cref="PositionMode.FixedFar"/>, from 0.</summary>
    public int Distance { get; init; }

    /// <summary>Entries as many positions away from a query or more are hidden from it, in the place of the model's
    /// window; null for the model's, which entries at one distance do not have.</summary>
    public int? Within { get; init; }

    /// <summary>Entries nearer to a query than so many positions are hidden from it; null for none.</summary>
    public int? Beyond { get; init; }

    /// <summary>Channels that the keys have [B, Hkv, C] int64, C their last dimension; null for all.</summary>
    public Tensor? Channels { get; init; }

    /// <summary>S.</summary>
    public int Width => (int)Keys.shape[2];
}
