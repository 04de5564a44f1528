using System.Numerics;

namespace Palimpsest.Inference;

/// <summary>The tokens that can come next.</summary>
/// <param name="Shared">A bit for each id that can come, shared with other masks; null for none.</param>
/// <param name="Ids">More ids that can come, in order.</param>
/// <param name="Farthest">The most tokens that the text can need after one of them.</param>
internal sealed record TokenMask(ulong[]? Shared, int[] Ids, int Farthest)
{
    /// <summary>The ids whose bytes were followed.</summary>
    public int[] Followed { get; init; } = [];

    /// <summary>The tokens that the text can need at least after each of them.</summary>
    public int[] Needs { get; init; } = [];

    /// <summary>Whether plain tokens can come that were not followed.</summary>
    public bool HasPlain { get; init; }

    /// <summary>Bytes that it takes.</summary>
    public long Size => 64 + (4L * Ids.Length) + (ReferenceEquals(Ids, Followed) ? 4L : 8L) * Followed.Length;

    /// <summary>Makes all others impossible.</summary>
    public void Apply(Span<float> logits)
    {
        Span<float> kept = Ids.Length <= 256 ? stackalloc float[Ids.Length] : new float[Ids.Length];
        for (var i = 0; i < Ids.Length; i++)
            kept[i] = logits[Ids[i]];
        if (Shared is null)
            logits.Fill(float.NegativeInfinity);
        else
            ApplyShared(Shared, logits);
        for (var i = 0; i < Ids.Length; i++)
            logits[Ids[i]] = kept[i];
    }

    private static void ApplyShared(ulong[] shared, Span<float> logits)
    {
        for (var word = 0; word * 64 < logits.Length; word++)
        {
            var barred = word < shared.Length ? ~shared[word] : ulong.MaxValue;
            var part = logits[(word * 64)..Math.Min(logits.Length, (word * 64) + 64)];
            if (barred == ulong.MaxValue)
            {
                part.Fill(float.NegativeInfinity);
                continue;
            }

            for (; barred != 0; barred &= barred - 1)
            {
                var bit = BitOperations.TrailingZeroCount(barred);
                if (bit < part.Length)
                    part[bit] = float.NegativeInfinity;
            }
        }
    }
}
