using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary><see cref="GgufType.Q5_K"/>: as <see cref="Q4SuperBlock"/>, with 32 bytes of fifth bits before the
/// codes.</summary>
internal readonly unsafe struct Q5SuperBlock : IGgufBlock
{
    /// <inheritdoc/>
    public static int Size => 176;

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
        var low = GgufHalves.Of(at + 48 + part / 2 * 32, part % 2 == 1);
        var fifth = Vector256.ShiftLeft(GgufHalves.Bits(at + 16, part, 1).AsUInt16(), 4).AsByte();
        return TProducts.Dot(low | fifth, Vector256.Load(values));
    }
}
