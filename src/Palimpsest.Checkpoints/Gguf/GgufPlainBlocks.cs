using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>Half floats and the blocks of 32 with one scale; codes of the first 16 values are in the low halves of the
/// bytes.</summary>
internal static unsafe class GgufPlainBlocks
{
    public static void DecodeHalf(byte* source, float* values, int count)
    {
        var halves = (Half*)source;
        for (var i = 0; i < count; i++)
            values[i] = (float)halves[i];
    }

    public static void DecodeBrain(byte* source, float* values, int count)
    {
        var words = (ushort*)source;
        var bits = (uint*)values;
        for (var i = 0; i < count; i++)
            bits[i] = (uint)words[i] << 16;
    }

    /// <summary>d · (q − 8).</summary>
    public static void Decode4(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 18, values += 32)
        {
            var scale = GgufCodes.Half(block);
            GgufCodes.Store(GgufCodes.Bits(block + 2, 0, 4), 8, scale, 0, values);
            GgufCodes.Store(GgufCodes.Bits(block + 2, 4, 4), 8, scale, 0, values + 16);
        }
    }

    /// <summary>d · q + m.</summary>
    public static void Decode4WithMinimum(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 20, values += 32)
        {
            var (scale, minimum) = (GgufCodes.Half(block), GgufCodes.Half(block + 2));
            GgufCodes.Store(GgufCodes.Bits(block + 4, 0, 4), 0, scale, minimum, values);
            GgufCodes.Store(GgufCodes.Bits(block + 4, 4, 4), 0, scale, minimum, values + 16);
        }
    }

    /// <summary>d · (q − 16); the fifth bits stand together.</summary>
    public static void Decode5(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 22, values += 32)
        {
            var scale = GgufCodes.Half(block);
            GgufCodes.Store(GgufCodes.Bits(block + 6, 0, 4) | GgufCodes.Spread(block + 2, 16), 16, scale, 0, values);
            GgufCodes.Store(
                GgufCodes.Bits(block + 6, 4, 4) | GgufCodes.Spread(block + 4, 16),
                16,
                scale,
                0,
                values + 16
            );
        }
    }

    /// <summary>d · q + m; the fifth bits stand together.</summary>
    public static void Decode5WithMinimum(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 24, values += 32)
        {
            var (scale, minimum) = (GgufCodes.Half(block), GgufCodes.Half(block + 2));
            GgufCodes.Store(
                GgufCodes.Bits(block + 8, 0, 4) | GgufCodes.Spread(block + 4, 16),
                0,
                scale,
                minimum,
                values
            );
            GgufCodes.Store(
                GgufCodes.Bits(block + 8, 4, 4) | GgufCodes.Spread(block + 6, 16),
                0,
                scale,
                minimum,
                values + 16
            );
        }
    }

    /// <summary>d · q.</summary>
    public static void Decode8(byte* block, float* values, int count)
    {
        for (; count > 0; count--, block += 34, values += 32)
        {
            var scale = GgufCodes.Half(block);
            GgufCodes.Store(Vector128.Load((sbyte*)block + 2), scale, 0, values);
            GgufCodes.Store(Vector128.Load((sbyte*)block + 18), scale, 0, values + 16);
        }
    }
}
