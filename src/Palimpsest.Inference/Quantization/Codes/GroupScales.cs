using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Inference;

/// <summary>Scales and zeros of groups of 32 · 2ᵏ weights, or of whole rows, as blocks of 32 have them.</summary>
internal unsafe struct GroupScales
{
    // No row has as many blocks: all are of the first group.
    private const int WholeRow = 30;

    private readonly float* _scales;
    private readonly byte* _zeros;
    private readonly int _groups;
    private readonly int _shift;
    private float* _rowScales;
    private byte* _rowZeros;

    /// <summary>The groups of a weight.</summary>
    /// <param name="scales">One per group, row after row.</param>
    /// <param name="zeros">The same; null where groups are symmetric.</param>
    /// <param name="groups">Groups of a row.</param>
    /// <param name="size">Weights of a group; <see cref="Fits"/>.</param>
    public GroupScales(float* scales, byte* zeros, int groups, int size)
    {
        (_groups, _shift) = (groups, groups == 1 ? WholeRow : BitOperations.Log2((uint)size / 32));
        _scales = scales;
        _zeros = zeros;
    }

    /// <summary>Whether groups of a row are made of whole blocks, a power of two of them.</summary>
    public static bool Fits(int width, int size) =>
        width % 32 == 0 && (size >= width || (size % 32 == 0 && BitOperations.IsPow2(size / 32)));

    /// <summary>Goes to a row.</summary>
    public void Seek(long row)
    {
        _rowScales = _scales + row * _groups;
        _rowZeros = _zeros is null ? null : _zeros + row * _groups;
    }

    /// <summary>Scales of blocks from <paramref name="block"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<float> Scales(int block, int count)
    {
        var s = _rowScales;
        var k = _shift;
        if (count == ICodeRows.ChunkBlocks)
            return Vector256.Create(
                s[block >> k],
                s[(block + 1) >> k],
                s[(block + 2) >> k],
                s[(block + 3) >> k],
                s[(block + 4) >> k],
                s[(block + 5) >> k],
                s[(block + 6) >> k],
                s[(block + 7) >> k]
            );
        var scales = Vector256<float>.Zero;
        for (var i = 0; i < count; i++)
            scales = scales.WithElement(i, _rowScales[(block + i) >> k]);
        return scales;
    }

    /// <summary>What a code has too much in blocks from <paramref name="block"/> on: the group's zero, or
    /// <paramref name="middle"/> where groups have none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Vector256<float> Zeros(int block, int count, int middle)
    {
        if (_zeros is null)
            return Vector256.Create((float)middle);
        var zeros = Vector256<float>.Zero;
        for (var i = 0; i < count; i++)
            zeros = zeros.WithElement(i, _rowZeros[(block + i) >> _shift]);
        return zeros;
    }
}
