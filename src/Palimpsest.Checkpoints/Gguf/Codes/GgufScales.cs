using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palimpsest.Checkpoints;

/// <summary>Float16 scales of several blocks at once.</summary>
internal static unsafe class GgufScales
{
    private const int Exponent = 0x7C00;

    /// <summary>The finite float16s in the lower 16 bits of each lane.</summary>
    /// <remarks>A float32 with the same bits of exponent and mantissa is 2⁻¹¹² times the value, also where that
    /// has no leading one.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Singles(Vector256<int> halves)
    {
        var magnitude = Vector256.ShiftLeft(halves & Vector256.Create(0x7FFF), 13).AsSingle();
        var sign = Vector256.ShiftLeft(halves & Vector256.Create(0x8000), 16);
        return (
            (magnitude * Vector256.Create(BitConverter.UInt32BitsToSingle(0x7780_0000))).AsInt32() | sign
        ).AsSingle();
    }

    /// <summary>The first four bytes of each of some blocks; 0 for those beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Firsts(byte* block, int stride, int count)
    {
        if (count == 8)
            return Vector256.Create(
                *(int*)block,
                *(int*)(block + stride),
                *(int*)(block + 2 * stride),
                *(int*)(block + 3 * stride),
                *(int*)(block + 4 * stride),
                *(int*)(block + 5 * stride),
                *(int*)(block + 6 * stride),
                *(int*)(block + 7 * stride)
            );
        var firsts = stackalloc int[8];
        for (var i = 0; i < 8; i++)
            firsts[i] = i < count ? *(int*)(block + i * stride) : 0;
        return Vector256.Load(firsts);
    }

    /// <summary>Whether every scale of a tensor is finite.</summary>
    /// <param name="blocks">The first block.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="stride">Bytes of a block.</param>
    /// <param name="places">Where in a block its float16s are.</param>
    public static bool AreFinite(byte* blocks, long count, int stride, ReadOnlySpan<int> places)
    {
        foreach (var place in places)
        {
            var at = blocks + place;
            for (long block = 0; block < count; block++, at += stride)
            {
                if ((*(ushort*)at & Exponent) == Exponent)
                    return false;
            }
        }

        return true;
    }
}
