using System.Runtime.InteropServices;

namespace Palimpsest.Checkpoints;

/// <summary>Stored blocks to float32, in parallel over blocks.</summary>
internal static unsafe class GgufDecoder
{
    /// <summary>Values that one thread decodes at a time.</summary>
    private const int ValuesPerPart = 1 << 16;

    /// <summary>Decodes blocks.</summary>
    /// <param name="layout">Type and sizes of a block.</param>
    /// <param name="blocks">The first block.</param>
    /// <param name="values">Room for count · values of a block.</param>
    /// <param name="count">Number of blocks.</param>
    public static void Decode(GgufLayout layout, byte* blocks, float* values, int count)
    {
        var part = Math.Max(1, ValuesPerPart / layout.Values);
        var parts = (count + part - 1) / part;
        if (parts <= 1)
            DecodePart(layout.Type, blocks, values, count);
        else
            Parallel.For(0, parts, DecodeOne);

        void DecodeOne(int index)
        {
            var first = (long)index * part;
            DecodePart(
                layout.Type,
                blocks + first * layout.Bytes,
                values + first * layout.Values,
                (int)Math.Min(part, count - first)
            );
        }
    }

    private static void DecodePart(GgufType type, byte* blocks, float* values, int count)
    {
        switch (type)
        {
            case GgufType.F32:
                new ReadOnlySpan<byte>(blocks, 4 * count).CopyTo(MemoryMarshal.AsBytes(new Span<float>(values, count)));
                break;
            case GgufType.F16:
                GgufPlainBlocks.DecodeHalf(blocks, values, count);
                break;
            case GgufType.BF16:
                GgufPlainBlocks.DecodeBrain(blocks, values, count);
                break;
            case GgufType.Q4_0:
                GgufPlainBlocks.Decode4(blocks, values, count);
                break;
            case GgufType.Q4_1:
                GgufPlainBlocks.Decode4WithMinimum(blocks, values, count);
                break;
            case GgufType.Q5_0:
                GgufPlainBlocks.Decode5(blocks, values, count);
                break;
            case GgufType.Q5_1:
                GgufPlainBlocks.Decode5WithMinimum(blocks, values, count);
                break;
            case GgufType.Q8_0:
                GgufPlainBlocks.Decode8(blocks, values, count);
                break;
            case GgufType.Q2_K:
                GgufSuperBlocks.Decode2(blocks, values, count);
                break;
            case GgufType.Q3_K:
                GgufSuperBlocks.Decode3(blocks, values, count);
                break;
            case GgufType.Q4_K:
                GgufSuperBlocks.Decode4(blocks, values, count);
                break;
            case GgufType.Q5_K:
                GgufSuperBlocks.Decode5(blocks, values, count);
                break;
            case GgufType.Q6_K:
                GgufSuperBlocks.Decode6(blocks, values, count);
                break;
            case GgufType.IQ4_NL:
                GgufTableBlocks.DecodeNonlinear(blocks, values, count);
                break;
            case GgufType.IQ4_XS:
                GgufTableBlocks.DecodeNonlinearSuper(blocks, values, count);
                break;
            case GgufType.MXFP4:
                GgufTableBlocks.DecodeMicroscaled(blocks, values, count);
                break;
            case GgufType.NVFP4:
                GgufTableBlocks.DecodeScaledFloats(blocks, values, count);
                break;
            case GgufType.TQ1_0:
                GgufTernaryBlocks.DecodeFive(blocks, values, count);
                break;
            case GgufType.TQ2_0:
                GgufTernaryBlocks.DecodeFour(blocks, values, count);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Not a GGUF type.");
        }
    }
}
