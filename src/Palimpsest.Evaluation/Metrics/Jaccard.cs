namespace Palimpsest.Evaluation;

/// <summary>Jaccard similarity |A ∩ B| / |A ∪ B|.</summary>
public static class Jaccard
{
    /// <summary>Similarity of two sets, in [0, 1]; two empty sets give 1.</summary>
    public static double Of<T>(IEnumerable<T> first, IEnumerable<T> second)
    {
        var a = first.ToHashSet();
        var b = second.ToHashSet();
        if (a.Count == 0 && b.Count == 0)
            return 1;
        var common = a.Count(b.Contains);
        return (double)common / (a.Count + b.Count - common);
    }

    /// <summary>Similarity of the folded words of two texts, in [0, 1].</summary>
    public static double OfWords(string first, string second) => Of(FoldedText.Words(first), FoldedText.Words(second));
}
