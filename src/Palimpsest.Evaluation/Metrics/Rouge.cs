using System.Runtime.InteropServices;
using System.Text;

namespace Palimpsest.Evaluation;

/// <summary>ROUGE-N and ROUGE-L with the tokenisation of the rouge_score package.</summary>
/// <remarks>
/// Lower case; every run of characters other than a-z and 0-9 separates; with stemming, words of more than three
/// characters are stemmed. Lin 2004, "ROUGE: a package for automatic evaluation of summaries".
/// </remarks>
public static class Rouge
{
    /// <summary>Overlap of n-grams, counted with multiplicity.</summary>
    /// <param name="n">Length of the n-grams, at least 1.</param>
    /// <param name="reference">The text that should be found.</param>
    /// <param name="prediction">The text that is judged.</param>
    /// <param name="stem">Whether words are stemmed first.</param>
    public static Overlap N(int n, string reference, string prediction, bool stem = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        var (wanted, wantedCount) = Count(Tokens(reference, stem), n);
        var (found, foundCount) = Count(Tokens(prediction, stem), n);
        var common = wanted.Sum(gram => Math.Min(gram.Value, found.GetValueOrDefault(gram.Key)));
        return Overlap.Of(common, wantedCount, foundCount);
    }

    /// <summary>Overlap by the longest common subsequence of words.</summary>
    /// <param name="reference">The text that should be found.</param>
    /// <param name="prediction">The text that is judged.</param>
    /// <param name="stem">Whether words are stemmed first.</param>
    public static Overlap L(string reference, string prediction, bool stem = true)
    {
        var wanted = Tokens(reference, stem);
        var found = Tokens(prediction, stem);
        return Overlap.Of(LongestCommonSubsequence(wanted, found), wanted.Count, found.Count);
    }

    /// <summary>The words that scores are counted over.</summary>
    public static IReadOnlyList<string> Tokens(string text, bool stem)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var character in text)
        {
            var lower = Lower(character);
            if (char.IsAsciiLetterOrDigit(lower))
                word.Append(lower);
            if (!char.IsAsciiLetterOrDigit(lower) || character == '\u0130')
                Finish();
        }

        Finish();
        return words;

        void Finish()
        {
            if (word.Length > 0)
                words.Add(stem && word.Length > 3 ? PorterStemmer.Stem(word.ToString()) : word.ToString());
            word.Clear();
        }
    }

    // The dotted capital I lowers to an i and a combining dot, the Kelvin sign to a k: both reach ASCII.
    private static char Lower(char character) =>
        character switch
        {
            >= 'A' and <= 'Z' => (char)(character | 0x20),
            '\u0130' => 'i',
            '\u212A' => 'k',
            _ => character,
        };

    private static (Dictionary<string, int> Counts, int Total) Count(IReadOnlyList<string> tokens, int n)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var total = Math.Max(0, tokens.Count - n + 1);
        for (var i = 0; i < total; i++)
            CollectionsMarshal.GetValueRefOrAddDefault(counts, string.Join(' ', tokens.Skip(i).Take(n)), out _)++;
        return (counts, total);
    }

    private static int LongestCommonSubsequence(IReadOnlyList<string> first, IReadOnlyList<string> second)
    {
        var lengths = new int[second.Count + 1];
        foreach (var word in first)
        {
            var diagonal = 0;
            for (var j = 1; j <= second.Count; j++)
            {
                var above = lengths[j];
                lengths[j] = word == second[j - 1] ? diagonal + 1 : Math.Max(above, lengths[j - 1]);
                diagonal = above;
            }
        }

        return lengths[^1];
    }
}
