using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palimpsest.Inference;

/// <summary>Rows of codes of 4 bits that are places in a table of 16 values within ±1, which are whole numbers of
/// 1/16256 here: two bytes, h · 128 + l.</summary>
internal unsafe struct TableRows(byte* codes, int width, GroupScales groups, CodeTable table) : ICodeRows
{
    private readonly Vector128<sbyte> _high = table.High;
    private readonly Vector128<byte> _low = table.Low;
    private byte* _row;
    private byte* _at;
    private int _block;

    /// <inheritdoc/>
    public static bool HasMinima => false;

    /// <inheritdoc/>
    public static bool HasHalves => false;

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
        scales = groups.Scales(_block, count) * (1f / CodeTable.Whole);
        (seconds, minima) = (default, default);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts
    {
        var (places, x) = (HalfByteRows.Codes(_at + block * 16), Vector256.Load(values));
        var high = TProducts.DotSigned(Look(_high.AsByte(), places).AsSByte(), x, Vector256.Load(negatedSums));
        return Vector256.ShiftLeft(high, 7) + TProducts.Dot(Look(_low, places), x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Look(Vector128<byte> table, Vector256<byte> places) =>
        Avx2.IsSupported
            ? Avx2.Shuffle(Vector256.Create(table, table), places)
            : Vector256.Create(
                Vector128.Shuffle(table, places.GetLower()),
                Vector128.Shuffle(table, places.GetUpper())
            );
}
