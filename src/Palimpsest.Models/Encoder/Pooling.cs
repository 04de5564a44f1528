namespace Palimpsest.Models;

/// <summary>Pools hidden states over the real tokens of each row.</summary>
public static class Pooling
{
    /// <summary>Pools, and divides by the Euclidean length where asked.</summary>
    /// <param name="hidden">[B, T, D] float32.</param>
    /// <param name="mask">Real tokens [B, T] bool, at least one per row, padded on the right.</param>
    /// <param name="mode">How.</param>
    /// <param name="normalize">Whether rows have length 1 at the end.</param>
    /// <returns>[B, D] float32.</returns>
    public static Tensor Apply(Tensor hidden, Tensor mask, PoolingMode mode, bool normalize)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        ArgumentNullException.ThrowIfNull(mask);
        using var scope = NewDisposeScope();
        var real = mask.unsqueeze(-1); // [B, T, 1]
        var pooled = mode switch
        {
            PoolingMode.First => hidden.select(1, 0),
            PoolingMode.Max => hidden.masked_fill(real.logical_not(), double.NegativeInfinity).amax([1]),
            PoolingMode.Last => hidden
                .gather(1, (real.to(ScalarType.Int64).sum(1, keepdim: true) - 1).expand(-1, 1, hidden.shape[2]))
                .squeeze(1),
            _ => hidden.masked_fill(real.logical_not(), 0).sum(1) / Divisor(real, mode),
        };
        if (normalize)
            pooled = nn.functional.normalize(pooled, 2, -1, 1e-12);
        return pooled.MoveToOuterDisposeScope();
    }

    private static Tensor Divisor(Tensor real, PoolingMode mode)
    {
        var count = real.to(ScalarType.Float32).sum(1); // [B, 1]
        return mode == PoolingMode.Mean ? count : count.sqrt();
    }
}
