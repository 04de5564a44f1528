using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>The blocks whose 4-bit codes are places in a table of 16 values.</summary>
internal static unsafe class GgufTableBlocks
{
    private static readonly Vector128<sbyte> Nonlinear = Vector128.Create(
        (sbyte)-127,
        -104,
        -83,
        -65,
        -49,
        -35,
        -22,
        -10,
        1,
        13,
        25,
        38,
        53,
        69,
        89,
        113
    );

    /// <summary>Twice the values of a float with two exponent bits and one of mantissa.</summary>
    private static readonly Vector128<sbyte> TinyFloats = Vector128.Create(
        (sbyte)0,
        1,
        2,
        3,
        4,
        6,
        8,
        12,
        0,
        -1,
        -2,
        -3,
        -4,
        -6,
        -8,
        -12
    );

    /// <summary>d, 16 bytes of codes.</summary>
    public static void DecodeNonlinear(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 18, values += 32)
            Store(Nonlinear, block + 2, GgufCodes.Half(block), values);
    }

    /// <summary>d, 16 bits of high and 32 of low parts of the scales, 128 bytes of codes.</summary>
    public static void DecodeNonlinearSuper(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 136, values += 256)
        {
            var scale = GgufCodes.Half(block);
            var highs = BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(block + 2, 2));
            for (var part = 0; part < 8; part++)
            {
                var low = (block[4 + part / 2] >> (part % 2 * 4)) & 15;
                var high = (highs >> (2 * part)) & 3;
                Store(Nonlinear, block + 8 + part * 16, scale * ((low | (high << 4)) - 32), values + part * 32);
            }
        }
    }

    /// <summary>One byte of exponent, 16 of codes.</summary>
    public static void DecodeMicroscaled(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 17, values += 32)
        {
            // Half of 2^(e − 127), because the table holds twice the values.
            uint exponent = *block;
            var scale = BitConverter.UInt32BitsToSingle(
                exponent < 2 ? 0x0020_0000u << (int)exponent : (exponent - 1) << 23
            );
            Store(TinyFloats, block + 1, scale, values);
        }
    }

    /// <summary>Four scales of 16 values each (floats with four exponent bits and three of mantissa), 32 bytes of
    /// codes.</summary>
    public static void DecodeScaledFloats(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 36, values += 64)
        {
            for (var part = 0; part < 4; part++)
            {
                var scale = HalvedScale(block[part]);
                var bytes = Vector64.Load(block + 4 + part * 8);
                var codes = Vector128.Create(bytes & Vector64.Create((byte)15), Vector64.ShiftRightLogical(bytes, 4));
                GgufCodes.Store(Vector128.Shuffle(TinyFloats, codes.AsSByte()), scale, 0, values + part * 16);
            }
        }
    }

    private static float HalvedScale(byte code)
    {
        if (code is 0 or 0x7F)
            return 0;
        var (exponent, mantissa) = ((code >> 3) & 15, code & 7);
        return exponent == 0 ? mantissa * (1f / 1024) : (1 + mantissa / 8f) * MathF.ScaleB(1, exponent - 8);
    }

    private static void Store(Vector128<sbyte> table, byte* bytes, float scale, float* values)
    {
        GgufCodes.Store(Vector128.Shuffle(table, GgufCodes.Bits(bytes, 0, 4).AsSByte()), scale, 0, values);
        GgufCodes.Store(Vector128.Shuffle(table, GgufCodes.Bits(bytes, 4, 4).AsSByte()), scale, 0, values + 16);
    }
}
