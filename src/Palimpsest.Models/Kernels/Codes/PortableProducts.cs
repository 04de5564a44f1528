using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Models;

/// <summary>Vectors without instructions of any one processor: widening, products, and sums of neighbours.</summary>
internal readonly struct PortableProducts : IIntegerProducts
{
    /// <inheritdoc/>
    public static bool IsSupported => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<byte> codes, Vector256<sbyte> values) =>
        DotSigned(codes.AsSByte(), values, default);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> DotSigned(Vector256<sbyte> codes, Vector256<sbyte> values, Vector256<int> negatedSums)
    {
        var (low, high) = Vector256.Widen(codes);
        var (first, second) = Vector256.Widen(values);
        return Vector256.Narrow(Fours(low * first), Fours(high * second));
    }

    /// <summary>Sums of four products of 16 bits, each in the lower half of a lane; the upper half holds what is
    /// left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Fours(Vector256<short> products)
    {
        var both = products.AsInt32();
        var low = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(both, 16), 16);
        var pairs = (low + Vector256.ShiftRightArithmetic(both, 16)).AsInt64();
        return pairs + Vector256.ShiftRightLogical(pairs, 32);
    }
}
