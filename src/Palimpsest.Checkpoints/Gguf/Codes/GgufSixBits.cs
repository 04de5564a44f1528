using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>The scales and minima of blocks of 256, six bits each.</summary>
internal static unsafe class GgufSixBits
{
    /// <summary>d times eight scales, and −dmin times eight minima.</summary>
    /// <remarks>Four bytes hold scales of the first four parts, four their minima, four the lower bits of both of the
    /// last four, whose upper bits are the upper two of the others.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(byte* block, out Vector256<float> scales, out Vector256<float> minima)
    {
        const uint six = 0x3F3F3F3F,
            four = 0x0F0F0F0F,
            upper = 0x30303030;
        var (first, second, third) = (*(uint*)(block + 4), *(uint*)(block + 8), *(uint*)(block + 12));
        var lasts = (third & four) | ((first >> 2) & upper);
        var lastMinima = ((third >> 4) & four) | ((second >> 2) & upper);
        scales = Factors(first & six, lasts) * Vector256.Create(GgufCodes.Half(block));
        minima = Factors(second & six, lastMinima) * Vector256.Create(-GgufCodes.Half(block + 2));
    }

    /// <summary>Eight numbers of 16 bits to 32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Widen(Vector128<short> values)
    {
        var (low, high) = Vector128.Widen(values);
        return Vector256.Create(low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Factors(uint first, uint second)
    {
        var bytes = Vector128.CreateScalarUnsafe(first | ((ulong)second << 32)).AsByte();
        return Vector256.ConvertToSingle(Widen(Vector128.WidenLower(bytes).AsInt16()));
    }
}
