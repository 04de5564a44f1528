namespace Palimpsest.Models;

/// <summary>Keys and values of the tokens that a model has read, in buffers allocated once.</summary>
/// <remarks>
/// Per layer, keys and values are [B, Hkv, Capacity, Dh] float32. A forward pass with a cache is inference: no gradient
/// flows. One pass at a time.
/// </remarks>
public sealed class KvCache : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly long _heads;
    private readonly long _size;

    /// <summary>Allocates an empty cache.</summary>
    /// <param name="config">The model's sizes.</param>
    /// <param name="batch">Rows, at least 1.</param>
    /// <param name="capacity">Most tokens per row, at least 1; grows when exceeded.</param>
    /// <param name="device">Where the buffers live; the CPU by default.</param>
    public KvCache(DecoderConfig config, int batch, int capacity, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        Batch = Require.AtLeast(batch, 1, nameof(batch));
        Capacity = Require.AtLeast(capacity, 1, nameof(capacity));
        (_heads, _size) = (config.KeyValueHeads, config.HeadSize);
        _keys = new Tensor[config.Layers];
        _values = new Tensor[config.Layers];
        for (var layer = 0; layer < config.Layers; layer++)
        {
            _keys[layer] = Allocate(capacity, device ?? CPU);
            _values[layer] = Allocate(capacity, device ?? CPU);
        }
    }

    private KvCache(KvCache source, Func<Tensor, Tensor> copy)
    {
        (_heads, _size, Capacity, Length) = (source._heads, source._size, source.Capacity, source.Length);
        _keys = [.. source._keys.Select(k => copy(k).DetachFromDisposeScope())];
        _values = [.. source._values.Select(v => copy(v).DetachFromDisposeScope())];
        Batch = (int)_keys[0].shape[0];
        History = source.History is { } history ? copy(history).DetachFromDisposeScope() : null;
        RotaryVariant = source.RotaryVariant;
    }

    /// <summary>Rows.</summary>
    public int Batch { get; private set; }

    /// <summary>Tokens per row that fit without growing.</summary>
    public int Capacity { get; private set; }

    /// <summary>Tokens held per row.</summary>
    public int Length { get; private set; }

    /// <summary>Layers.</summary>
    public int Layers => _keys.Length;

    /// <summary>Bytes of all buffers.</summary>
    public long Bytes => 2L * Layers * Batch * _heads * Capacity * _size * sizeof(float);

    /// <summary>A view of a layer's keys [B, Hkv, Length, Dh], as attention reads them; the caller disposes
    /// it.</summary>
    public Tensor Keys(int layer) => _keys[layer].narrow(2, 0, Length);

    /// <summary>A view of a layer's values [B, Hkv, Length, Dh]; the caller disposes it.</summary>
    public Tensor Values(int layer) => _values[layer].narrow(2, 0, Length);

    /// <summary>Embeddings [B, Length, D] of the tokens read, where angles depend on the length of the sequence; else
    /// null.</summary>
    internal Tensor? History { get; private set; }

    /// <summary>The angles that the keys were rotated by.</summary>
    internal int RotaryVariant { get; set; }

    /// <summary>Forgets the tokens from <paramref name="length"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or above <see cref="Length"/>.</exception>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>Keeps the embeddings [B, T, D] of the tokens that come after <see cref="Length"/>.</summary>
    internal void Remember(Tensor embeddings)
    {
        var old = History;
        History = (
            Length == 0 ? embeddings.clone() : cat([old!.narrow(1, 0, Length), embeddings], 1)
        ).DetachFromDisposeScope();
        old?.Dispose();
    }

    /// <summary>An independent copy, each row repeated <paramref name="copies"/> times.</summary>
    public KvCache Fork(int copies = 1)
    {
        Require.AtLeast(copies, 1, nameof(copies));
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        return new(this, buffer => copies == 1 ? buffer.clone() : buffer.repeat_interleave(copies, 0));
    }

    /// <summary>Keeps the rows at <paramref name="rows"/> in that order; a row may be named more than once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No row is named, or one that does not exist.</exception>
    public void SelectRows(ReadOnlySpan<long> rows)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rows.Length, nameof(rows));
        foreach (var row in rows)
        {
            if (row < 0 || row >= Batch)
                throw new ArgumentOutOfRangeException(nameof(rows), row, $"Rows must be from 0 to {Batch - 1}.");
        }

        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var index = tensor(rows.ToArray(), device: _keys[0].device);
        Replace(buffer => buffer.index_select(0, index));
        if (History is { } history)
        {
            History = history.index_select(0, index).DetachFromDisposeScope();
            history.Dispose();
        }

        Batch = rows.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _keys.Concat(_values))
            buffer.Dispose();
        History?.Dispose();
    }

    /// <summary>Makes room for <paramref name="tokens"/> more per row.</summary>
    internal void Reserve(int tokens)
    {
        var needed = Length + tokens;
        if (needed <= Capacity)
            return;
        var capacity = Math.Max(needed, 2 * Capacity);
        using var scope = NewDisposeScope();
        Replace(buffer =>
        {
            var larger = Allocate(capacity, buffer.device);
            larger.narrow(2, 0, Length).copy_(buffer.narrow(2, 0, Length));
            return larger;
        });
        Capacity = capacity;
    }

    /// <summary>Writes a layer's new keys and values [B, Hkv, T, Dh] behind those held; returns views of all [B, Hkv,
    /// S, Dh].</summary>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var tokens = keys.shape[2];
        _keys[layer].narrow(2, Length, tokens).copy_(keys);
        _values[layer].narrow(2, Length, tokens).copy_(values);
        return (_keys[layer].narrow(2, 0, Length + tokens), _values[layer].narrow(2, 0, Length + tokens));
    }

    /// <summary>Counts the tokens that every layer has appended.</summary>
    internal void Advance(int tokens) => Length += tokens;

    private Tensor Allocate(int capacity, Device device) =>
        empty([Batch, _heads, capacity, _size], dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();

    private void Replace(Func<Tensor, Tensor> make)
    {
        foreach (var buffers in new[] { _keys, _values })
        {
            for (var layer = 0; layer < buffers.Length; layer++)
            {
                var old = buffers[layer];
                buffers[layer] = make(old).DetachFromDisposeScope();
                old.Dispose();
            }
        }
    }
}
