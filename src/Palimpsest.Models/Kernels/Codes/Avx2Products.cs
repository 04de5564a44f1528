using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palimpsest.Models;

/// <summary>Pairs to 16 bits, pairs of those to 32. Signed codes give their signs to the activations: magnitudes up to
/// 128 times 127, twice, still fit 16 bits.</summary>
internal readonly struct Avx2Products : IIntegerProducts
{
    /// <inheritdoc/>
    public static bool IsSupported => Avx2.IsSupported;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<byte> codes, Vector256<sbyte> values) =>
        Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(codes, values), Vector256<short>.One);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> DotSigned(
        Vector256<sbyte> codes,
        Vector256<sbyte> values,
        Vector256<int> negatedSums
    ) => Dot(Avx2.Abs(codes), Avx2.Sign(values, codes));
}
