namespace Palimpsest.Checkpoints;

/// <summary>How the weights of a model folder are written.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Float type of the stored weights; null keeps each tensor's own.</summary>
    public ScalarType? Type { get; init; }

    /// <summary>Most bytes of tensors per file; more are split, with an index.</summary>
    public long MaxShardBytes
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 5_000_000_000;
}
