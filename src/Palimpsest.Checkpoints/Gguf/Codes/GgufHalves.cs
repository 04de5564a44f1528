using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>Codes of four bits, the lower ones of 16 bytes first.</summary>
internal static unsafe class GgufHalves
{
    /// <summary>32 codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Of(byte* bytes)
    {
        var both = Vector128.Load(bytes);
        return Vector256.Create(both, Vector128.ShiftRightLogical(both.AsUInt16(), 4).AsByte())
            & Vector256.Create((byte)15);
    }

    /// <summary>The lower or the upper four bits of 32 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Of(byte* bytes, bool upper) => Bits(bytes, upper ? 4 : 0, 15);

    /// <summary>Bits of 32 bytes from <paramref name="shift"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Bits(byte* bytes, int shift, byte mask) =>
        Vector256.ShiftRightLogical(Vector256.Load(bytes).AsUInt16(), shift).AsByte() & Vector256.Create(mask);
}
