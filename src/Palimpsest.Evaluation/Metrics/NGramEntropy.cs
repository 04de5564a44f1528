namespace Palimpsest.Evaluation;

/// <summary>How varied a text is: the entropy of its n-grams' frequencies. Low where words repeat.</summary>
public static class NGramEntropy
{
    private const double PairWeight = 2.0 / 3;
    private const double TripleWeight = 4.0 / 3;

    /// <summary>−Σ f log₂ f over the frequencies of n-grams, in bits; 0 for a text with fewer than two different
    /// ones.</summary>
    /// <param name="words">The text's words.</param>
    /// <param name="n">Their number in a gram, at least 1.</param>
    public static double Of(IReadOnlyList<string> words, int n)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        var total = words.Count - n + 1;
        return total <= 0
            ? 0
            : Enumerable
                .Range(0, total)
                .CountBy(start => string.Join('\n', words.Skip(start).Take(n)))
                .Select(gram => (double)gram.Value / total)
                .Sum(share => -share * Math.Log2(share));
    }

    /// <summary>Fluency ((2/3) H₂ + (4/3) H₃) / 2 in bits, as in work on editing and unlearning.</summary>
    /// <param name="words">The text's words.</param>
    public static double Fluency(IReadOnlyList<string> words) =>
        (PairWeight * Of(words, 2) + TripleWeight * Of(words, 3)) / 2;
}
