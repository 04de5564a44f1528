using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>A block of a format, which holds one or several of 32 codes; see <see cref="ICodeRows"/>.</summary>
internal unsafe interface IGgufBlock
{
    /// <summary>Bytes.</summary>
    static abstract int Size { get; }

    /// <summary>How many times 32 codes it holds.</summary>
    static virtual int Parts => 1;

    /// <summary>True where 32 codes have a minimum.</summary>
    static virtual bool HasMinima => false;

    /// <summary>True where two halves of 32 codes have scales of their own.</summary>
    static virtual bool HasHalves => false;

    /// <summary>Scales and minima of a chunk, as <see cref="ICodeRows.Scales"/> gives them.</summary>
    /// <param name="at">The chunk's first block.</param>
    /// <param name="count">Parts of the chunk, 1 to 8.</param>
    /// <param name="scales">Of the parts, or of their first halves.</param>
    /// <param name="seconds">Of their second halves.</param>
    /// <param name="minima">Of the parts.</param>
    static abstract void Scales(
        byte* at,
        int count,
        out Vector256<float> scales,
        out Vector256<float> seconds,
        out Vector256<float> minima
    );

    /// <summary>32 codes times activations, summed by fours.</summary>
    /// <param name="at">The block.</param>
    /// <param name="part">Which of its parts.</param>
    /// <param name="values">32 rounded activations.</param>
    /// <param name="negatedSums">Their negated sums by fours [8].</param>
    static abstract Vector256<int> Products<TProducts>(byte* at, int part, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts;
}
