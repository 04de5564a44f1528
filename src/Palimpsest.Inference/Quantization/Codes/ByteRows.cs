using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Inference;

/// <summary>Rows of codes of 8 bits: w = s (q − z).</summary>
internal unsafe struct ByteRows(byte* codes, int width, GroupScales groups) : ICodeRows
{
    private const int Middle = 128;
    private byte* _row;
    private byte* _at;
    private int _block;

    /// <inheritdoc/>
    public static bool HasMinima => true;

    /// <inheritdoc/>
    public static bool HasHalves => false;

    /// <inheritdoc/>
    public void Seek(long row)
    {
        _row = codes + row * width;
        groups.Seek(row);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(int block)
    {
        _at = _row + block * 32;
        _block = block;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Scales(
        int count,
        out Vector256<float> scales,
        out Vector256<float> seconds,
        out Vector256<float> minima
    )
    {
        scales = groups.Scales(_block, count);
        minima = scales * (Vector256.Create((float)Middle) - groups.Zeros(_block, count, Middle));
        seconds = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts
    {
        var signed = (Vector256.Load(_at + block * 32) ^ Vector256.Create((byte)Middle)).AsSByte();
        return TProducts.DotSigned(signed, Vector256.Load(values), Vector256.Load(negatedSums));
    }
}
