using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>Rows of <see cref="GgufType.Q8_0"/>: d, 32 signed codes.</summary>
internal unsafe struct Q8Rows(byte* start, int blocks) : ICodeRows
{
    private const int Size = 34;
    private byte* _row;
    private byte* _at;

    /// <inheritdoc/>
    public static bool HasMinima => false;

    /// <inheritdoc/>
    public static bool HasHalves => false;

    /// <inheritdoc/>
    public void Seek(long row) => _row = start + row * blocks * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(int block) => _at = _row + block * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Scales(
        int count,
        out Vector256<float> scales,
        out Vector256<float> seconds,
        out Vector256<float> minima
    )
    {
        scales = GgufScales.Singles(GgufScales.Firsts(_at, Size, count));
        (seconds, minima) = (default, default);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts =>
        TProducts.DotSigned(
            Vector256.Load((sbyte*)_at + block * Size + 2),
            Vector256.Load(values),
            Vector256.Load(negatedSums)
        );
}

/// <summary>Rows of <see cref="GgufType.Q4_0"/>: d, 16 bytes of codes, those of the first half in the lower bits.
/// Eight is taken off each: −8 d is a minimum.</summary>
internal unsafe struct Q4Rows(byte* start, int blocks) : ICodeRows
{
    private const int Size = 18;
    private byte* _row;
    private byte* _at;

    /// <inheritdoc/>
    public static bool HasMinima => true;

    /// <inheritdoc/>
    public static bool HasHalves => false;

    /// <inheritdoc/>
    public void Seek(long row) => _row = start + row * blocks * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(int block) => _at = _row + block * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Scales(
        int count,
        out Vector256<float> scales,
        out Vector256<float> seconds,
        out Vector256<float> minima
    )
    {
        scales = GgufScales.Singles(GgufScales.Firsts(_at, Size, count));
        (seconds, minima) = (default, scales * -8f);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts =>
        TProducts.Dot(GgufHalves.Of(_at + block * Size + 2), Vector256.Load(values));
}

/// <summary>Rows of <see cref="GgufType.Q4_1"/>: d, minimum, 16 bytes of codes.</summary>
internal unsafe struct Q4MinimumRows(byte* start, int blocks) : ICodeRows
{
    private const int Size = 20;
    private byte* _row;
    private byte* _at;

    /// <inheritdoc/>
    public static bool HasMinima => true;

    /// <inheritdoc/>
    public static bool HasHalves => false;

    /// <inheritdoc/>
    public void Seek(long row) => _row = start + row * blocks * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(int block) => _at = _row + block * Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Scales(
        int count,
        out Vector256<float> scales,
        out Vector256<float> seconds,
        out Vector256<float> minima
    )
    {
        var pairs = GgufScales.Pairs(_at, Size, count);
        scales = GgufScales.Singles(pairs);
        minima = GgufScales.Singles(Vector256.ShiftRightLogical(pairs, 16));
        seconds = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts =>
        TProducts.Dot(GgufHalves.Of(_at + block * Size + 4), Vector256.Load(values));
}
