namespace Palimpsest.Models;

/// <summary>Keys and values of the tokens that a model has read, in buffers allocated once.</summary>
/// <remarks>Per layer, keys and values are [B, Hkv, Capacity, D] float32.</remarks>
public sealed class KvCache : IDisposable
{
    /// <summary>Allocates an empty cache.</summary>
    /// <param name="config">The model's sizes.</param>
    /// <param name="batch">Rows, at least 1.</param>
    /// <param name="capacity">Most tokens per row, at least 1; grows when exceeded.</param>
    /// <param name="device">Where the buffers live; the CPU by default.</param>
    public KvCache(DecoderConfig config, int batch, int capacity, Device? device = null) =>
        throw new NotImplementedException();

    /// <summary>Tokens held per row.</summary>
    public int Length => throw new NotImplementedException();

    /// <summary>Bytes of all buffers.</summary>
    public long Bytes => throw new NotImplementedException();

    /// <summary>Forgets the tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length) => throw new NotImplementedException();

    /// <summary>An independent copy, each row repeated <paramref name="copies"/> times.</summary>
    public KvCache Fork(int copies = 1) => throw new NotImplementedException();

    /// <summary>Keeps the rows at <paramref name="rows"/> in that order; a row may be named more than once.</summary>
    public void SelectRows(ReadOnlySpan<long> rows) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
