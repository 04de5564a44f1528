using System.Numerics;
using System.Runtime.CompilerServices;

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
        if (bits == 8)
        {
            packed[..codes.Length].CopyTo(codes);
            return;
        }

        var start = bits == 4 ? UnpackHalves(packed, codes) : 0;
        var (held, waiting, place) = (0, 0, start * bits / 8);
        for (var i = start; i < codes.Length; i++)
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

    /// <summary>Unpacks codes of four bits as far as whole vectors go; gives how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int UnpackHalves(ReadOnlySpan<byte> packed, Span<byte> codes)
    {
        var i = 0;
        for (; 2 * (i + Vector<byte>.Count) <= codes.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(packed[i..]), out var low, out var high);
            Vector.AsVectorByte(Halves(low)).CopyTo(codes[(2 * i)..]);
            Vector.AsVectorByte(Halves(high)).CopyTo(codes[(2 * i + Vector<byte>.Count)..]);
        }

        return 2 * i;
    }

    // The upper half of a byte is the first code: it goes into the lower byte, which comes first in memory.
    private static Vector<ushort> Halves(Vector<ushort> pair) =>
        Vector.ShiftRightLogical(pair, 4) | Vector.ShiftLeft(pair & new Vector<ushort>(15), 8);
}
