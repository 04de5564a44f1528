using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary><see cref="GgufType.Q6_K"/>: 128 bytes of low halves, 64 of high pairs of bits, 16 signed scales, d. 32 is
/// taken off each code; 16 codes share a scale.</summary>
internal readonly unsafe struct Q6SuperBlock : IGgufBlock
{
    /// <inheritdoc/>
    public static int Size => 210;

    /// <inheritdoc/>
    public static int Parts => 8;

    /// <inheritdoc/>
    public static bool HasHalves => true;

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
        var all = Vector128.Load((sbyte*)at + 192).AsInt16(); // the first of a pair is the lower byte
        var firsts = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(all, 8), 8);
        var scale = Vector256.Create(GgufCodes.Half(at + 208));
        scales = Vector256.ConvertToSingle(GgufSixBits.Widen(firsts)) * scale;
        seconds = Vector256.ConvertToSingle(GgufSixBits.Widen(Vector128.ShiftRightArithmetic(all, 8))) * scale;
        minima = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Products<TProducts>(byte* at, int part, sbyte* values, int* negatedSums)
        where TProducts : struct, IIntegerProducts
    {
        var (half, quarter) = (part / 4, part % 4);
        var low = GgufHalves.Of(at + half * 64 + quarter % 2 * 32, quarter >= 2);
        var pairs = GgufHalves.Bits(at + 128 + half * 32, 2 * quarter, 3);
        var high = Vector256.ShiftLeft(pairs.AsUInt16(), 4).AsByte();
        var products = TProducts.Dot(low | high, Vector256.Load(values));
        return products + Vector256.ShiftLeft(Vector256.Load(negatedSums), 5);
    }
}
