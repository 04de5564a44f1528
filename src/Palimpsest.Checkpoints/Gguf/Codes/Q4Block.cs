using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary><see cref="GgufType.Q4_0"/>: d, 16 bytes of codes, those of the first half in the lower bits. Eight is
/// taken off each: −8 d is a minimum.</summary>
internal readonly unsafe struct Q4Block : IGgufBlock
{
    /// <inheritdoc/>
    public static int Size => 18;

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
        scales = GgufScales.Singles(GgufScales.Firsts(at, Size, count));
        (seconds, minima) = (default, scales * -8f);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Products<TProducts>(byte* at, int part, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts => TProducts.Dot(GgufHalves.Of(at + 2), Vector256.Load(values));
}
