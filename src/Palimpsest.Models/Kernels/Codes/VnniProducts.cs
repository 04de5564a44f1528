using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palimpsest.Models;

/// <summary>One instruction for unsigned codes; signed ones are shifted by 128, which starts the sum at −128 times
/// that of the activations.</summary>
internal readonly struct VnniProducts : IIntegerProducts
{
    /// <inheritdoc/>
    public static bool IsSupported => AvxVnni.IsSupported;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<byte> codes, Vector256<sbyte> values) =>
        AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, codes, values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> DotSigned(
        Vector256<sbyte> codes,
        Vector256<sbyte> values,
        Vector256<int> negatedSums
    ) =>
        AvxVnni.MultiplyWideningAndAdd(
            Vector256.ShiftLeft(negatedSums, 7),
            codes.AsByte() ^ Vector256.Create((byte)128),
            values
        );
}
