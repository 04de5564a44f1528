using System.Runtime.InteropServices;

namespace Palimpsest.Unlearning;

/// <summary>The largest of all scores of all weights, chosen exactly and without sorting them.</summary>
/// <remarks>The bits of floats that are not negative sort as the floats do, so two counts of sixteen bits each find the
/// least score that is kept. Of equal scores those that come first are kept.</remarks>
internal static class LargestScores
{
    private const int Half = 16;

    /// <summary>Masks that are true at the largest scores.</summary>
    /// <param name="scores">By weight, float32 on the CPU, at least 0 and finite.</param>
    /// <param name="count">How many are kept, in [0, all].</param>
    /// <returns>By name, bool in the scores' shapes; the caller's scope disposes them.</returns>
    public static Dictionary<string, Tensor> Keep(IReadOnlyList<(string Name, Tensor Scores)> scores, long count)
    {
        var (upper, above) = Place(scores, count, bits => bits >> Half);
        var (lower, _) = Place(
            scores,
            count - above,
            bits => bits >> Half == upper ? bits & ushort.MaxValue : (uint?)null
        );
        var least = (upper << Half) | lower;
        var ties = count - scores.Sum(score => Count(Bits(score.Scores), least));
        var masks = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, values) in scores)
        {
            var mask = zeros(values.shape, ScalarType.Bool);
            var bits = Bits(values);
            var kept = mask.bytes;
            for (var i = 0; i < bits.Length; i++)
            {
                var keeps = bits[i] > least || (bits[i] == least && ties-- > 0);
                kept[i] = keeps ? (byte)1 : (byte)0;
            }

            masks[name] = mask;
        }

        return masks;
    }

    /// <summary>The bucket in which the last of the kept scores lies, and how many lie above it.</summary>
    private static (uint Bucket, long Above) Place(
        IReadOnlyList<(string Name, Tensor Scores)> scores,
        long count,
        Func<uint, uint?> bucketOf
    )
    {
        var sizes = new long[1 << Half];
        foreach (var (_, values) in scores)
        {
            foreach (var bits in Bits(values))
            {
                if (bucketOf(bits) is { } bucket)
                    sizes[bucket]++;
            }
        }

        var above = 0L;
        for (var bucket = sizes.Length - 1; bucket > 0; bucket--)
        {
            if (above + sizes[bucket] >= count)
                return ((uint)bucket, above);
            above += sizes[bucket];
        }

        return (0, above);
    }

    private static long Count(ReadOnlySpan<uint> bits, uint least)
    {
        var above = 0L;
        foreach (var value in bits)
            above += value > least ? 1 : 0;
        return above;
    }

    private static ReadOnlySpan<uint> Bits(Tensor values) => MemoryMarshal.Cast<byte, uint>(values.bytes);
}
