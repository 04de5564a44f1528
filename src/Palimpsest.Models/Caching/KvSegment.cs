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

    /// <summary>Added to the scores [B, Hkv, S] float32, for example the logarithm of how many tokens an entry stands
    /// for; null for nothing.</summary>
    public Tensor? LogitBias { get; init; }

    /// <summary>How the keys are stored.</summary>
    public KeyRotation Rotation { get; init; }

    /// <summary>Which distances count.</summary>
    public PositionMode Mode { get; init; }

    /// <summary>The distance of <see cref="PositionMode.FixedFar"/>, at least 0.</summary>
    public int FarDistance
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>S.</summary>
    public int Width => (int)Keys.shape[2];

    /// <summary>Entries that count per head [B, Hkv] int64; the caller disposes it.</summary>
    public Tensor Lengths()
    {
        var (batch, heads) = (Keys.shape[0], Keys.shape[1]);
        return Keep is null
            ? full([batch, heads], Width, ScalarType.Int64, Keys.device)
            : Keep.sum(-1).expand(batch, heads);
    }
}
