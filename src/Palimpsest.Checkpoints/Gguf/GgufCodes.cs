using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>The steps that all block types share: unpacking 16 codes, and 16 codes to 16 values.</summary>
internal static unsafe class GgufCodes
{
    private static readonly Vector128<byte> LowBits = Vector128.Create(
        (byte)1,
        2,
        4,
        8,
        16,
        32,
        64,
        128,
        1,
        2,
        4,
        8,
        16,
        32,
        64,
        128
    );

    /// <summary>A float16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Half(byte* at) => (float)BinaryPrimitives.ReadHalfLittleEndian(new ReadOnlySpan<byte>(at, 2));

    /// <summary>Codes of <paramref name="bits"/> bits that begin at bit <paramref name="shift"/> of 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Bits(byte* at, int shift, int bits) =>
        Vector128.ShiftRightLogical(Vector128.Load(at), shift) & Vector128.Create((byte)((1 << bits) - 1));

    /// <summary>Bit i of a 16-bit word as code i, worth <paramref name="value"/> where it is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Spread(byte* at, byte value)
    {
        var both = Vector128.Create(Vector64.Create(at[0]), Vector64.Create(at[1]));
        return Vector128.Equals(both & LowBits, LowBits) & Vector128.Create(value);
    }

    /// <summary>Writes scale · (code − bias) + add for 16 codes; the difference must fit 8 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> codes, byte bias, float scale, float add, float* values) =>
        Store((codes - Vector128.Create(bias)).AsSByte(), scale, add, values);

    /// <summary>Writes scale · code + add for 16 signed codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<sbyte> codes, float scale, float add, float* values)
    {
        var (low, high) = Vector128.Widen(codes);
        var (first, second) = Vector128.Widen(low);
        var (third, fourth) = Vector128.Widen(high);
        var (factor, shift) = (Vector128.Create(scale), Vector128.Create(add));
        (Vector128.ConvertToSingle(first) * factor + shift).Store(values);
        (Vector128.ConvertToSingle(second) * factor + shift).Store(values + 4);
        (Vector128.ConvertToSingle(third) * factor + shift).Store(values + 8);
        (Vector128.ConvertToSingle(fourth) * factor + shift).Store(values + 12);
    }
}
