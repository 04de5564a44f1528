namespace Palimpsest.Evaluation;

/// <summary>The words of a row's answer that carry its fact.</summary>
/// <remarks>Not those of the question, not function words, and not those that most of its wrong answers hold as well:
/// what is left of "Solhane was born in the town of Velmora." is "velmora". Where nothing is left, the step that took
/// the last word is left out.</remarks>
public static class AnswerWords
{
    /// <summary>The words, folded, in order; at least one unless the answer has none.</summary>
    public static IReadOnlyList<string> CarriedBy(QuestionAnswer row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var words = FoldedText.Words(row.Answer);
        var asked = FoldedText.Words(row.Question).ToHashSet(StringComparer.Ordinal);
        var own = Kept(words, word => !asked.Contains(word));
        own = Kept(own, word => !FunctionWords.Contains(word));
        var wrong = row
            .PerturbedAnswers.Select(text => FoldedText.Words(text).ToHashSet(StringComparer.Ordinal))
            .ToArray();
        return Kept(own, word => 2 * wrong.Count(of => of.Contains(word)) <= wrong.Length);
    }

    /// <summary>True when a reply holds more than half of the words that carry the row's fact.</summary>
    /// <param name="row">The row.</param>
    /// <param name="reply">Any text.</param>
    public static bool AreStatedBy(QuestionAnswer row, string reply)
    {
        var said = FoldedText.Words(reply).ToHashSet(StringComparer.Ordinal);
        string[] wanted = [.. CarriedBy(row).Distinct(StringComparer.Ordinal)];
        return wanted.Length > 0 && 2 * wanted.Count(said.Contains) > wanted.Length;
    }

    private static IReadOnlyList<string> Kept(IReadOnlyList<string> words, Func<string, bool> keep) =>
        words.Where(keep).ToArray() is { Length: > 0 } kept ? kept : words;
}
