using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary><see cref="GgufType.Q4_1"/>: d, minimum, 16 bytes of codes.</summary>
internal readonly unsafe struct Q4MinimumBlock : IGgufBlock
{
    /// <inheritdoc/>
    public static int Size => 20;

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
        var pairs = GgufScales.Firsts(at, Size, count);
        scales = GgufScales.Singles(pairs);
        minima = GgufScales.Singles(Vector256.ShiftRightLogical(pairs, 16));
        seconds = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Products<TProducts>(byte* at, int part, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts => TProducts.Dot(GgufHalves.Of(at + 4), Vector256.Load(values));
}
