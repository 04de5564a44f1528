using System.Text.RegularExpressions;

namespace Palimpsest.Evaluation;

/// <summary>Overlap of short answers as SQuAD's evaluator counts it: lower case, without ASCII punctuation and English
/// articles.</summary>
public static partial class AnswerOverlap
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The words that are compared.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lower = text.ToLowerInvariant();
        var plain = string.Concat(lower.Where(c => !Punctuation.Contains(c, StringComparison.Ordinal)));
        return Articles().Replace(plain, " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The best F1 over the references, in [0, 1]; two answers without words agree.</summary>
    /// <param name="references">At least one.</param>
    /// <param name="prediction">What was said.</param>
    public static double F1(IReadOnlyList<string> references, string prediction)
    {
        ArgumentNullException.ThrowIfNull(references);
        var found = Words(prediction);
        return references.Max(reference => F1(Words(reference), found));
    }

    /// <summary>Whether the words are those of a reference.</summary>
    /// <param name="references">At least one.</param>
    /// <param name="prediction">What was said.</param>
    public static bool IsExact(IReadOnlyList<string> references, string prediction)
    {
        ArgumentNullException.ThrowIfNull(references);
        var found = Words(prediction);
        return references.Any(reference => Words(reference).SequenceEqual(found));
    }

    private static double F1(IReadOnlyList<string> wanted, IReadOnlyList<string> found)
    {
        if (wanted.Count == 0 || found.Count == 0)
            return wanted.Count == found.Count ? 1 : 0;
        var left = found.CountBy(word => word).ToDictionary(StringComparer.Ordinal);
        var common = wanted.CountBy(word => word).Sum(word => Math.Min(word.Value, left.GetValueOrDefault(word.Key)));
        return Overlap.Of(common, wanted.Count, found.Count).F1;
    }

    [GeneratedRegex(@"\b(a|an|the)\b")]
    private static partial Regex Articles();
}
