using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary><see cref="GgufType.Q4_K"/>: d, dmin, 12 bytes of scales and minima, 128 of codes.</summary>
internal readonly unsafe struct Q4SuperBlock : IGgufBlock
{
    /// <inheritdoc/>
    public static int Size => 144;

    /// <inheritdoc/>
    public static int Parts => 8;

    /// <inheritdoc/>
    public static bool HasMinima => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(
        byte* at,
        int count,
        out Vector256<float> scales,
        out Vector256<float> seconds,
        out Vector256<float> minima
    )
    {
        GgufSixBits.Read(at, out scales, out minima);
        seconds = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Products<TProducts>(byte* at, int part, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts
    {
        var codes = GgufHalves.Of(at + 16 + part / 2 * 32, part % 2 == 1);
        return TProducts.Dot(codes, Vector256.Load(values));
    }
}
