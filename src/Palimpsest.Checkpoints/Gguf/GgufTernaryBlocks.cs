namespace Palimpsest.Checkpoints;

/// <summary>The blocks of 256 that hold −1, 0 and 1 times one scale.</summary>
internal static unsafe class GgufTernaryBlocks
{
    private const int Size = 256;

    private static readonly byte[] Powers = [1, 3, 9, 27, 81];

    /// <summary>Five values to a byte, as digits of a base-3 fraction: 48 bytes, 4 bytes with four digits, d.</summary>
    public static void DecodeFive(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 54, values += Size)
        {
            var scale = GgufCodes.Half(block + 52);
            Digits(block, 32, 5, scale, values);
            Digits(block + 32, 16, 5, scale, values + 160);
            Digits(block + 48, 4, 4, scale, values + 240);
        }
    }

    /// <summary>Four values to a byte: 64 bytes, d.</summary>
    public static void DecodeFour(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 66, values += Size)
        {
            var scale = GgufCodes.Half(block + 64);
            for (var part = 0; part < 16; part++)
            {
                var codes = GgufCodes.Bits(block + part / 8 * 32 + part % 2 * 16, part / 2 % 4 * 2, 2);
                GgufCodes.Store(codes, 1, scale, 0, values + part * 16);
            }
        }
    }

    private static void Digits(byte* bytes, int width, int digits, float scale, float* values)
    {
        for (var digit = 0; digit < digits; digit++)
        {
            for (var i = 0; i < width; i++)
            {
                var rest = (byte)(bytes[i] * Powers[digit]);
                values[digit * width + i] = scale * (((rest * 3) >> 8) - 1);
            }
        }
    }
}
