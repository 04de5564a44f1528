using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary><see cref="GgufType.Q8_0"/>: d, 32 signed codes.</summary>
internal readonly unsafe struct Q8Block : IGgufBlock
{
    /// <inheritdoc/>
    public static int Size => 34;

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
        scales = GgufScales.Singles(GgufScales.Firsts(at, Size, count));
        (seconds, minima) = (default, default);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Products<TProducts>(byte* at, int part, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts
    {
        var codes = Vector256.Load((sbyte*)at + 2);
        return TProducts.DotSigned(codes, Vector256.Load(values), Vector256.Load(negatedSums));
    }
}
