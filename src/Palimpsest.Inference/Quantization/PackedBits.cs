namespace Palimpsest.Inference;

/// <summary>Codes of a few bits, one after another, the first in the highest bits of a byte.</summary>
internal static class PackedBits
{
    /// <summary>Bytes that so many codes take.</summary>
    public static long Bytes(long count, int bits) => (count * bits + 7) / 8;

    /// <summary>Packs codes below 2^bits.</summary>
    public static void Pack(ReadOnlySpan<byte> codes, int bits, Span<byte> packed)
    {
        var (held, waiting, place) = (0, 0, 0);
        foreach (var code in codes)
        {
            held = (held << bits) | code;
            waiting += bits;
            if (waiting >= 8)
            {
                waiting -= 8;
                packed[place++] = (byte)(held >> waiting);
                held &= (1 << waiting) - 1;
            }
        }

        if (waiting > 0)
            packed[place] = (byte)(held << (8 - waiting));
    }

    /// <summary>The reverse.</summary>
    public static void Unpack(ReadOnlySpan<byte> packed, int bits, Span<byte> codes)
    {
        var (held, waiting, place) = (0, 0, 0);
        for (var i = 0; i < codes.Length; i++)
        {
            if (waiting < bits)
            {
                held = (held << 8) | packed[place++];
                waiting += 8;
            }

            waiting -= bits;
            codes[i] = (byte)(held >> waiting);
            held &= (1 << waiting) - 1;
        }
    }
}
