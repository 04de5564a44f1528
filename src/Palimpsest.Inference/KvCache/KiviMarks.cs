namespace Palimpsest.Inference;

/// <summary>Where a row's entries came from; one head's marks hold for all as long as all hold the same
/// tokens.</summary>
internal sealed class KiviMarks : IDisposable
{
    /// <summary>Takes tensors that belong to it from now on.</summary>
    /// <param name="positions">Positions in the text [Hkv or 1, n] int32.</param>
    /// <param name="tokens">Places among the tokens seen, of the same shape and type.</param>
    /// <param name="keep">Entries that count, of the same shape, bool.</param>
    public KiviMarks(Tensor positions, Tensor tokens, Tensor keep)
    {
        Positions = positions.to(ScalarType.Int32).clone().DetachFromDisposeScope();
        Tokens = tokens.to(ScalarType.Int32).clone().DetachFromDisposeScope();
        Keep = keep.clone().DetachFromDisposeScope();
    }

    /// <summary>Positions in the text [Hkv or 1, n] int32.</summary>
    public Tensor Positions { get; }

    /// <summary>Places among the tokens seen [Hkv or 1, n] int32.</summary>
    public Tensor Tokens { get; }

    /// <summary>Entries that count [Hkv or 1, n] bool.</summary>
    public Tensor Keep { get; }

    /// <summary>n.</summary>
    public long Length => Positions.shape[1];

    /// <summary>Bytes.</summary>
    public long Bytes => Positions.NumberOfElements * (2 * sizeof(int) + 1);

    /// <summary>These and others behind them.</summary>
    public KiviMarks With(KiviMarks others)
    {
        using var scope = NewDisposeScope();
        return new(Both(Positions, others.Positions), Both(Tokens, others.Tokens), Both(Keep, others.Keep));
    }

    /// <summary>The first <paramref name="count"/>.</summary>
    public KiviMarks First(long count)
    {
        using var scope = NewDisposeScope();
        return new(Positions.narrow(1, 0, count), Tokens.narrow(1, 0, count), Keep.narrow(1, 0, count));
    }

    /// <summary>An independent copy.</summary>
    public KiviMarks Clone() => First(Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        Positions.Dispose();
        Tokens.Dispose();
        Keep.Dispose();
    }

    private static Tensor Both(Tensor first, Tensor second)
    {
        var heads = Math.Max(first.shape[0], second.shape[0]);
        return cat([first.expand(heads, first.shape[1]), second.expand(heads, second.shape[1])], 1);
    }
}
