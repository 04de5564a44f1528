using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Palimpsest.Models;

/// <summary>One instruction of Arm for each half.</summary>
internal readonly struct NeonProducts : IIntegerProducts
{
    /// <inheritdoc/>
    public static bool IsSupported => Dp.IsSupported;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<byte> codes, Vector256<sbyte> values) =>
        DotSigned(codes.AsSByte(), values, default);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> DotSigned(
        Vector256<sbyte> codes,
        Vector256<sbyte> values,
        Vector256<int> negatedSums
    ) =>
        Vector256.Create(
            Dp.DotProduct(Vector128<int>.Zero, codes.GetLower(), values.GetLower()),
            Dp.DotProduct(Vector128<int>.Zero, codes.GetUpper(), values.GetUpper())
        );
}
