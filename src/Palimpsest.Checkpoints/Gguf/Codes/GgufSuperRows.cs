using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>Rows of <see cref="GgufType.Q4_K"/>: d, dmin, 12 bytes of scales and minima, 128 of codes.</summary>
internal unsafe struct Q4SuperRows(byte* start, int blocks) : ICodeRows
{
    private const int Size = 144;
    private byte* _row;
    private byte* _at;

    /// <inheritdoc/>
    public static bool HasMinima => true;

    /// <inheritdoc/>
    public static bool HasHalves => false;

    /// <inheritdoc/>
    public void Seek(long row) => _row = start + row * (blocks / 8) * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(int block) => _at = _row + block / 8 * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Scales(
        int count,
        out Vector256<float> scales,
        out Vector256<float> seconds,
        out Vector256<float> minima
    )
    {
        GgufSixBits.Read(_at, out scales, out minima);
        seconds = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts
    {
        var at = _at + 16 + block / 2 * 32;
        return TProducts.Dot(GgufHalves.Of(at, block % 2 == 1), Vector256.Load(values));
    }
}

/// <summary>Rows of <see cref="GgufType.Q5_K"/>: the same with 32 bytes of fifth bits before the codes.</summary>
internal unsafe struct Q5SuperRows(byte* start, int blocks) : ICodeRows
{
    private const int Size = 176;
    private byte* _row;
    private byte* _at;

    /// <inheritdoc/>
    public static bool HasMinima => true;

    /// <inheritdoc/>
    public static bool HasHalves => false;

    /// <inheritdoc/>
    public void Seek(long row) => _row = start + row * (blocks / 8) * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(int block) => _at = _row + block / 8 * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Scales(
        int count,
        out Vector256<float> scales,
        out Vector256<float> seconds,
        out Vector256<float> minima
    )
    {
        GgufSixBits.Read(_at, out scales, out minima);
        seconds = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts
    {
        var low = GgufHalves.Of(_at + 48 + block / 2 * 32, block % 2 == 1);
        var fifth = Vector256.ShiftLeft(GgufHalves.Bits(_at + 16, block, 1).AsUInt16(), 4).AsByte();
        return TProducts.Dot(low | fifth, Vector256.Load(values));
    }
}

/// <summary>Rows of <see cref="GgufType.Q6_K"/>: 128 bytes of low halves, 64 of high pairs of bits, 16 signed
/// scales, d. 32 is taken off each code; 16 codes share a scale.</summary>
internal unsafe struct Q6SuperRows(byte* start, int blocks) : ICodeRows
{
    private const int Size = 210;
    private byte* _row;
    private byte* _at;

    /// <inheritdoc/>
    public static bool HasMinima => false;

    /// <inheritdoc/>
    public static bool HasHalves => true;

    /// <inheritdoc/>
    public void Seek(long row) => _row = start + row * (blocks / 8) * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(int block) => _at = _row + block / 8 * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Scales(
        int count,
        out Vector256<float> scales,
        out Vector256<float> seconds,
        out Vector256<float> minima
    )
    {
        var all = Vector128.Load((sbyte*)_at + 192).AsInt16(); // the first of a pair is the lower byte
        var firsts = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(all, 8), 8);
        var scale = Vector256.Create(GgufCodes.Half(_at + 208));
        scales = Vector256.ConvertToSingle(GgufSixBits.Widen(firsts)) * scale;
        seconds = Vector256.ConvertToSingle(GgufSixBits.Widen(Vector128.ShiftRightArithmetic(all, 8))) * scale;
        minima = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts
    {
        var (half, part) = (block / 4, block % 4);
        var low = GgufHalves.Of(_at + half * 64 + part % 2 * 32, part >= 2);
        var high = Vector256.ShiftLeft(GgufHalves.Bits(_at + 128 + half * 32, 2 * part, 3).AsUInt16(), 4).AsByte();
        var products = TProducts.Dot(low | high, Vector256.Load(values));
        return products + Vector256.ShiftLeft(Vector256.Load(negatedSums), 5);
    }
}
