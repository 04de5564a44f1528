namespace Palimpsest.Checkpoints;

/// <summary>The rows of a tensor that a projection computes with, as its file holds them.</summary>
/// <param name="Type">How values are stored.</param>
/// <param name="Start">The first byte.</param>
/// <param name="Count">Number of rows.</param>
/// <param name="Width">Values of a row, whole blocks.</param>
/// <param name="Order">The stored row of each row of the model; null where they are in one order.</param>
internal sealed unsafe record GgufRows(GgufType Type, nint Start, long Count, int Width, int[]? Order)
{
    private readonly GgufLayout _layout = GgufLayout.Of(Type);

    /// <summary>Bytes of all rows.</summary>
    public long ByteCount => Count * RowBytes;

    /// <summary>Whether there are products of integers for the type.</summary>
    public bool HasIntegerProducts =>
        Type is GgufType.Q8_0 or GgufType.Q4_0 or GgufType.Q4_1 or GgufType.Q4_K or GgufType.Q5_K or GgufType.Q6_K;

    private long RowBytes => (long)Width / _layout.Values * _layout.Bytes;

    private byte* First => (byte*)Start;

    /// <summary>Writes the values of a row of the model.</summary>
    public void Decode(long row, Span<float> values)
    {
        var stored = Order is null ? row : Order[row];
        fixed (float* target = values)
            GgufDecoder.DecodePart(Type, First + stored * RowBytes, target, Width / _layout.Values);
    }

    /// <summary>Products for some rows of the model.</summary>
    public void Multiply(RoundedRows x, in CodeTarget target, long first, long end, CodePath? path = null)
    {
        var span = new CodeSpan(first, end, Order);
        switch (Type)
        {
            case GgufType.Q8_0:
                Multiply<Q8Block>(x, target, span, path);
                break;
            case GgufType.Q4_0:
                Multiply<Q4Block>(x, target, span, path);
                break;
            case GgufType.Q4_1:
                Multiply<Q4MinimumBlock>(x, target, span, path);
                break;
            case GgufType.Q4_K:
                Multiply<Q4SuperBlock>(x, target, span, path);
                break;
            case GgufType.Q5_K:
                Multiply<Q5SuperBlock>(x, target, span, path);
                break;
            case GgufType.Q6_K:
                Multiply<Q6SuperBlock>(x, target, span, path);
                break;
            default:
                throw new InvalidOperationException($"{Type} has no products of integers.");
        }
    }

    private void Multiply<TBlock>(RoundedRows x, in CodeTarget target, in CodeSpan span, CodePath? path)
        where TBlock : struct, IGgufBlock =>
        CodeKernel.Multiply(new GgufBlockRows<TBlock>(First, Width / 32), x, target, span, path);

    /// <summary>Whether every scale is finite, so that every value is.</summary>
    public bool IsFinite() =>
        Type switch
        {
            GgufType.Q4_0 or GgufType.Q5_0 or GgufType.Q8_0 or GgufType.IQ4_NL or GgufType.IQ4_XS => AreFinite(0),
            GgufType.Q4_1 or GgufType.Q5_1 or GgufType.Q4_K or GgufType.Q5_K => AreFinite(0, 2),
            GgufType.Q2_K => AreFinite(80, 82),
            GgufType.Q3_K => AreFinite(108),
            GgufType.Q6_K => AreFinite(208),
            GgufType.TQ1_0 => AreFinite(52),
            GgufType.TQ2_0 => AreFinite(64),
            _ => AreValuesFinite(),
        };

    private bool AreFinite(params ReadOnlySpan<int> places) =>
        GgufScales.AreFinite(First, ByteCount / _layout.Bytes, _layout.Bytes, places);

    private bool AreValuesFinite()
    {
        var values = new float[Width];
        for (long row = 0; row < Count; row++)
        {
            Decode(row, values);
            if (!Array.TrueForAll(values, float.IsFinite))
                return false;
        }

        return true;
    }
}
