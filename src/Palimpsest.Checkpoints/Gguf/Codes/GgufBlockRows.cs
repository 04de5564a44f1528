using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>The rows of a tensor of one format.</summary>
/// <param name="start">The first byte.</param>
/// <param name="blocks">Blocks of 32 codes of a row.</param>
internal unsafe struct GgufBlockRows<TBlock>(byte* start, int blocks) : ICodeRows
    where TBlock : struct, IGgufBlock
{
    private byte* _row;
    private byte* _at;

    /// <inheritdoc/>
    public static bool HasMinima => TBlock.HasMinima;

    /// <inheritdoc/>
    public static bool HasHalves => TBlock.HasHalves;

    /// <inheritdoc/>
    public void Seek(long row) => _row = start + row * (blocks / TBlock.Parts) * TBlock.Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(int block) => _at = _row + block / TBlock.Parts * TBlock.Size;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Scales(
        int count,
        out Vector256<float> scales,
        out Vector256<float> seconds,
        out Vector256<float> minima
    ) => TBlock.Scales(_at, count, out scales, out seconds, out minima);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts
    {
        var at = _at + block / TBlock.Parts * TBlock.Size;
        return TBlock.Products<TProducts>(at, block % TBlock.Parts, values, negatedSums);
    }
}
