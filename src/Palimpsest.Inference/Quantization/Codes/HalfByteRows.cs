using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Inference;

/// <summary>Rows of codes of 4 bits, the first in the higher bits of a byte: w = s (q − z).</summary>
internal unsafe struct HalfByteRows(byte* codes, int width, GroupScales groups) : ICodeRows
{
    private const int Middle = 8;
    private byte* _row;
    private byte* _at;
    private int _block;

    /// <inheritdoc/>
    public static bool HasMinima => true;

    /// <inheritdoc/>
    public static bool HasHalves => false;

    /// <summary>32 codes in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* bytes)
    {
        var pairs = Vector256.WidenLower(Vector128.Load(bytes).ToVector256Unsafe());
        var turned = Vector256.ShiftRightLogical(pairs, 4) | Vector256.ShiftLeft(pairs, 8);
        return turned.AsByte() & Vector256.Create((byte)15);
    }

    /// <inheritdoc/>
    public void Seek(long row)
    {
        _row = codes + row * (width / 2);
        groups.Seek(row);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(int block)
    {
        _at = _row + block * 16;
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
        minima = -scales * groups.Zeros(_block, count, Middle);
        seconds = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts => TProducts.Dot(Codes(_at + block * 16), Vector256.Load(values));
}
