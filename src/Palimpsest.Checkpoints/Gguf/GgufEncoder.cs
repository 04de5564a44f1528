using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Palimpsest.Checkpoints;

/// <summary>Float32 to stored blocks, in parallel over blocks, with the codes that the reference implementation
/// gives.</summary>
internal static unsafe class GgufEncoder
{
    private const int ValuesPerPart = 1 << 16;

    /// <summary>The types that can be written.</summary>
    public static readonly GgufType[] Writable =
    [
        GgufType.F32,
        GgufType.F16,
        GgufType.BF16,
        GgufType.Q8_0,
        GgufType.Q4_0,
    ];

    /// <summary>Encodes whole blocks.</summary>
    /// <param name="layout">Type and sizes of a block.</param>
    /// <param name="values">count · values of a block.</param>
    /// <param name="blocks">Room for the blocks.</param>
    /// <param name="count">Number of blocks.</param>
    /// <returns>False when a value or a scale is beyond float16.</returns>
    public static bool TryEncode(GgufLayout layout, float* values, byte* blocks, int count)
    {
        var part = ValuesPerPart / layout.Values;
        var fits = true;
        Parallel.For(
            0,
            (count + part - 1) / part,
            index =>
            {
                var first = (long)index * part;
                if (
                    !TryEncodePart(
                        layout.Type,
                        values + first * layout.Values,
                        blocks + first * layout.Bytes,
                        (int)Math.Min(part, count - first)
                    )
                )
                    Volatile.Write(ref fits, false);
            }
        );
        return fits;
    }

    private static bool TryEncodePart(GgufType type, float* values, byte* blocks, int count)
    {
        switch (type)
        {
            case GgufType.F32:
                new ReadOnlySpan<float>(values, count).CopyTo(
                    MemoryMarshal.Cast<byte, float>(new Span<byte>(blocks, 4 * count))
                );
                return true;
            case GgufType.F16:
                return TryEncodeHalf(values, (Half*)blocks, count);
            case GgufType.BF16:
                EncodeBrain(values, (ushort*)blocks, count);
                return true;
            case GgufType.Q8_0:
                return TryEncode8(values, blocks, count);
            case GgufType.Q4_0:
                return TryEncode4(values, blocks, count);
            default:
                throw new ArgumentOutOfRangeException(
                    nameof(type),
                    type,
                    $"Can be written: {string.Join(", ", Writable)}."
                );
        }
    }

    private static bool TryEncodeHalf(float* values, Half* halves, int count)
    {
        var fits = true;
        for (var i = 0; i < count; i++)
            fits &= Half.IsFinite(halves[i] = (Half)values[i]);
        return fits;
    }

    /// <summary>Rounds to the nearest, ties to even.</summary>
    private static void EncodeBrain(float* values, ushort* words, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[i]);
            words[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    /// <summary>d = max |x| / 127, q = round(x / d).</summary>
    private static bool TryEncode8(float* values, byte* block, int count)
    {
        var fits = true;
        for (; count > 0; count--, values += 32, block += 34)
        {
            var most = 0f;
            for (var i = 0; i < 32; i++)
                most = Math.Max(most, Math.Abs(values[i]));
            var scale = most / 127;
            var inverse = scale == 0 ? 0 : 1 / scale;
            fits &= TryWriteScale(block, scale);
            for (var i = 0; i < 32; i++)
                block[2 + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        }

        return fits;
    }

    /// <summary>d = x* / −8 with x* the value of largest magnitude, q = min(15, ⌊x / d + 8.5⌋).</summary>
    private static bool TryEncode4(float* values, byte* block, int count)
    {
        var fits = true;
        for (; count > 0; count--, values += 32, block += 18)
        {
            var most = 0f;
            for (var i = 0; i < 32; i++)
            {
                if (Math.Abs(values[i]) > Math.Abs(most))
                    most = values[i];
            }

            var scale = most / -8;
            double inverse = scale == 0 ? 0 : 1 / scale;
            fits &= TryWriteScale(block, scale);
            for (var i = 0; i < 16; i++)
                block[2 + i] = (byte)(Code4(values[i], inverse) | (Code4(values[i + 16], inverse) << 4));
        }

        return fits;
    }

    private static int Code4(float value, double inverse) => Math.Clamp((int)(value * inverse + 8.5), 0, 15);

    private static bool TryWriteScale(byte* block, float scale)
    {
        var half = (Half)scale;
        BinaryPrimitives.WriteHalfLittleEndian(new Span<byte>(block, 2), half);
        return Half.IsFinite(half);
    }
}
