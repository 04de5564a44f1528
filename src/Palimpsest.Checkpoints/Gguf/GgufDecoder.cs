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

    /// <summary>Decodes blocks on this thread.</summary>
    public static void DecodePart(GgufType type, byte* blocks, float* values, int count) =>
        DecoderOf(type)(blocks, values, count);

    private static delegate* <byte*, float*, int, void> DecoderOf(GgufType type) =>
        type switch
        {
            GgufType.F32 => &Copy,
            GgufType.F16 => &GgufPlainBlocks.DecodeHalf,
            GgufType.BF16 => &GgufPlainBlocks.DecodeBrain,
            GgufType.Q4_0 => &GgufPlainBlocks.Decode4,
            GgufType.Q4_1 => &GgufPlainBlocks.Decode4WithMinimum,
            GgufType.Q5_0 => &GgufPlainBlocks.Decode5,
            GgufType.Q5_1 => &GgufPlainBlocks.Decode5WithMinimum,
            GgufType.Q8_0 => &GgufPlainBlocks.Decode8,
            GgufType.Q2_K => &GgufSuperBlocks.Decode2,
            GgufType.Q3_K => &GgufSuperBlocks.Decode3,
            GgufType.Q4_K => &GgufSuperBlocks.Decode4,
            GgufType.Q5_K => &GgufSuperBlocks.Decode5,
            GgufType.Q6_K => &GgufSuperBlocks.Decode6,
            GgufType.IQ4_NL => &GgufTableBlocks.DecodeNonlinear,
            GgufType.IQ4_XS => &GgufTableBlocks.DecodeNonlinearSuper,
            GgufType.MXFP4 => &GgufTableBlocks.DecodeMicroscaled,
            GgufType.NVFP4 => &GgufTableBlocks.DecodeScaledFloats,
            GgufType.TQ1_0 => &GgufTernaryBlocks.DecodeFive,
            GgufType.TQ2_0 => &GgufTernaryBlocks.DecodeFour,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a GGUF type."),
        };

    private static void Copy(byte* blocks, float* values, int count) =>
        new ReadOnlySpan<byte>(blocks, 4 * count).CopyTo(MemoryMarshal.AsBytes(new Span<float>(values, count)));
}
