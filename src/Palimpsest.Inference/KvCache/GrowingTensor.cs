namespace Palimpsest.Inference;

/// <summary>A tensor that grows along one dimension, an eighth of its length ahead.</summary>
internal sealed class GrowingTensor(int dimension) : IDisposable
{
    private Tensor? _buffer;

    /// <summary>Entries along the dimension.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes allocated.</summary>
    public long Bytes => _buffer is null ? 0 : _buffer.NumberOfElements * _buffer.ElementSize;

    /// <summary>A view of the entries; the caller disposes it.</summary>
    public Tensor View => _buffer!.narrow(dimension, 0, Length);

    /// <summary>Copies entries behind those held.</summary>
    public void Append(Tensor entries)
    {
        using var scope = NewDisposeScope();
        var count = entries.shape[dimension];
        var needed = Length + count;
        if (_buffer is null || needed > _buffer.shape[dimension])
        {
            long[] shape = [.. entries.shape];
            shape[dimension] = needed + needed / 8;
            var larger = empty(shape, entries.dtype, entries.device);
            if (_buffer is not null)
                larger.narrow(dimension, 0, Length).copy_(View);
            _buffer?.Dispose();
            _buffer = larger.DetachFromDisposeScope();
        }

        _buffer.narrow(dimension, Length, count).copy_(entries);
        Length = needed;
    }

    /// <summary>A copy of what is held.</summary>
    public GrowingTensor Clone()
    {
        var copy = new GrowingTensor(dimension);
        if (_buffer is not null)
        {
            using var view = View;
            copy.Append(view);
        }

        return copy;
    }

    /// <summary>Gives what is held to a state, or takes what it restores; nothing is held then.</summary>
    /// <param name="state">The state.</param>
    /// <param name="name">What it is called there.</param>
    /// <param name="type">Its type.</param>
    /// <param name="shape">Its shape, where anything is held; −1 for any size.</param>
    public void Exchange(KvState state, string name, ScalarType type, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var held = state.IsRestoring || Length == 0 ? null : View;
        var exchanged = state.TensorOrNull(name, held, type, shape);
        if (state.IsRestoring && exchanged is not null)
            Append(exchanged);
    }

    /// <summary>Overwrites all of it with zeros.</summary>
    public void Zero() => _buffer?.zero_();

    /// <inheritdoc/>
    public void Dispose() => _buffer?.Dispose();
}
