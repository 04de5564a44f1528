using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>The blocks of 256 whose parts of 16 or 32 values have scales of their own, themselves quantised.</summary>
internal static unsafe class GgufSuperBlocks
{
    private const int Size = 256;

    /// <summary>16 bytes of scales (low half) and minima (high half), 64 of codes, d, dmin.</summary>
    public static void Decode2(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 84, values += Size)
        {
            var (scale, minimum) = (GgufCodes.Half(block + 80), GgufCodes.Half(block + 82));
            for (var part = 0; part < 16; part++)
            {
                // Parts go through the 32 bytes of a half once for each pair of bits.
                var codes = GgufCodes.Bits(block + 16 + part / 8 * 32 + part % 2 * 16, part / 2 % 4 * 2, 2);
                GgufCodes.Store(
                    codes,
                    0,
                    scale * (block[part] & 15),
                    -(minimum * (block[part] >> 4)),
                    values + part * 16
                );
            }
        }
    }

    /// <summary>32 bytes of third bits, 64 of codes, 12 of scales, d.</summary>
    public static void Decode3(byte* block, float* values, int count)
    {
        var scales = stackalloc sbyte[16];
        for (; count > 0; count--, block += 110, values += Size)
        {
            var packed = block + 96;
            for (var i = 0; i < 16; i++)
            {
                var low = (packed[i % 8] >> (i / 8 * 4)) & 15;
                var high = (packed[8 + i % 4] >> (i / 4 * 2)) & 3;
                scales[i] = (sbyte)((low | (high << 4)) - 32);
            }

            var scale = GgufCodes.Half(block + 108);
            for (var part = 0; part < 16; part++)
            {
                var codes = GgufCodes.Bits(block + 32 + part / 8 * 32 + part % 2 * 16, part / 2 % 4 * 2, 2);
                var third = GgufCodes.Bits(block + part % 2 * 16, part / 2, 1);
                GgufCodes.Store(codes | Vector128.ShiftLeft(third, 2), 4, scale * scales[part], 0, values + part * 16);
            }
        }
    }

    /// <summary>d, dmin, 12 bytes of scales and minima, 128 of codes.</summary>
    public static void Decode4(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 144, values += Size)
        {
            for (var part = 0; part < 8; part++)
            {
                var (scale, minimum) = ScaleAndMinimum(block, part);
                var bytes = block + 16 + part / 2 * 32;
                for (var half = 0; half < 32; half += 16)
                    GgufCodes.Store(
                        GgufCodes.Bits(bytes + half, part % 2 * 4, 4),
                        0,
                        scale,
                        -minimum,
                        values + part * 32 + half
                    );
            }
        }
    }

    /// <summary>The same with 32 bytes of fifth bits before the codes.</summary>
    public static void Decode5(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 176, values += Size)
        {
            for (var part = 0; part < 8; part++)
            {
                var (scale, minimum) = ScaleAndMinimum(block, part);
                var bytes = block + 48 + part / 2 * 32;
                for (var half = 0; half < 32; half += 16)
                {
                    var fifth = Vector128.ShiftLeft(GgufCodes.Bits(block + 16 + half, part, 1), 4);
                    var codes = GgufCodes.Bits(bytes + half, part % 2 * 4, 4) | fifth;
                    GgufCodes.Store(codes, 0, scale, -minimum, values + part * 32 + half);
                }
            }
        }
    }

    /// <summary>128 bytes of low halves, 64 of high pairs of bits, 16 signed scales, d.</summary>
    public static void Decode6(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 210, values += Size)
        {
            var scale = GgufCodes.Half(block + 208);
            var scales = (sbyte*)block + 192;
            for (var part = 0; part < 16; part++)
            {
                var low = GgufCodes.Bits(block + part / 8 * 64 + part % 4 * 16, part / 4 % 2 * 4, 4);
                var high = GgufCodes.Bits(block + 128 + part / 8 * 32 + part % 2 * 16, part / 2 % 4 * 2, 2);
                GgufCodes.Store(low | Vector128.ShiftLeft(high, 4), 32, scale * scales[part], 0, values + part * 16);
            }
        }
    }

    /// <summary>Six bits each; those of the last four parts are spread over three bytes.</summary>
    private static (float Scale, float Minimum) ScaleAndMinimum(byte* block, int part)
    {
        var packed = block + 4;
        var (scale, minimum) =
            part < 4
                ? (packed[part] & 63, packed[part + 4] & 63)
                : (
                    (packed[part + 4] & 15) | ((packed[part - 4] >> 2) & 48),
                    (packed[part + 4] >> 4) | ((packed[part] >> 2) & 48)
                );
        return (GgufCodes.Half(block) * scale, GgufCodes.Half(block + 2) * minimum);
    }
}
