using System.Runtime.Intrinsics;

namespace Palimpsest.Models;

/// <summary>The rows of a matrix as a format stores them: blocks of 32 codes, w = scale · code + minimum.</summary>
/// <remarks>Values are read eight blocks at a time, a chunk of 256, which is what the largest blocks of any format
/// hold. A struct is a place among the blocks.</remarks>
internal unsafe interface ICodeRows
{
    /// <summary>Blocks of a chunk.</summary>
    const int ChunkBlocks = 8;

    /// <summary>True where blocks have minima.</summary>
    static abstract bool HasMinima { get; }

    /// <summary>True where the two halves of a block have scales of their own.</summary>
    static abstract bool HasHalves { get; }

    /// <summary>Goes to a row.</summary>
    void Seek(long row);

    /// <summary>Goes to a chunk of the row.</summary>
    /// <param name="block">Its first block; a multiple of eight where blocks of the format are larger than 32.</param>
    void Move(int block);

    /// <summary>Scales of the chunk's blocks, one to a lane; lanes beyond <paramref name="count"/> are 0.</summary>
    /// <param name="count">Its blocks, 1 to 8.</param>
    /// <param name="scales">Of the blocks, or of their first halves.</param>
    /// <param name="seconds">Of their second halves, where halves have their own.</param>
    /// <param name="minima">Of the blocks, where there are any.</param>
    void Scales(int count, out Vector256<float> scales, out Vector256<float> seconds, out Vector256<float> minima);

    /// <summary>A block's codes times activations, summed by fours.</summary>
    /// <param name="block">The block within the chunk.</param>
    /// <param name="values">32 rounded activations.</param>
    /// <param name="negatedSums">Their negated sums by fours [8].</param>
    Vector256<int> Products<TProducts>(int block, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts;
}
