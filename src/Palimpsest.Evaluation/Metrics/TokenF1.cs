namespace Palimpsest.Evaluation;

/// <summary>Overlap of folded words, counted with multiplicity: the score of extractive question answering.</summary>
public static class TokenF1
{
    /// <summary>Precision, recall and F1 of the words of a prediction; two empty texts give zeros.</summary>
    public static Overlap Of(string reference, string prediction)
    {
        var wanted = FoldedText.Words(reference);
        var found = FoldedText.Words(prediction);
        var left = found
            .GroupBy(w => w, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        var common = 0;
        foreach (var word in wanted)
        {
            if (left.TryGetValue(word, out var count) && count > 0)
            {
                left[word] = count - 1;
                common++;
            }
        }

        return Overlap.Of(common, wanted.Count, found.Count);
    }
}
