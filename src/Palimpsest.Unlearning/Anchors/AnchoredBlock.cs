namespace Palimpsest.Unlearning;

/// <summary>A block of text with its anchors replaced, and which of its positions are which.</summary>
/// <param name="Translated">The ids with generic expressions.</param>
/// <param name="Partner">For each original position that after replacement; -1 for those within a term but its
/// last, which is its stand-in's last.</param>
/// <param name="Occurrences">What was replaced, in order.</param>
internal sealed record AnchoredBlock(int[] Translated, int[] Partner, IReadOnlyList<AnchorOccurrence> Occurrences)
{
    /// <summary>Replaces anchors from left to right, the longest that fits first.</summary>
    public static AnchoredBlock Translate(int[] ids, IReadOnlyList<TokenAnchor> anchors)
    {
        var (translated, partner) = (new List<int>(), new int[ids.Length]);
        var occurrences = new List<AnchorOccurrence>();
        Array.Fill(partner, -1);
        for (var i = 0; i < ids.Length; )
        {
            if (Longest(ids.AsSpan(i), anchors) is not { } anchor)
            {
                partner[i] = translated.Count;
                translated.Add(ids[i++]);
                continue;
            }

            occurrences.Add(new(anchor.Entry, i, anchor.Term.Count));
            translated.AddRange(anchor.Replacement);
            i += anchor.Term.Count;
            partner[i - 1] = translated.Count - 1;
        }

        return new([.. translated], partner, occurrences);
    }

    private static TokenAnchor? Longest(ReadOnlySpan<int> ids, IReadOnlyList<TokenAnchor> anchors)
    {
        TokenAnchor? longest = null;
        foreach (var anchor in anchors)
        {
            if (anchor.Term.Count > (longest?.Term.Count ?? 0) && Begins(ids, anchor.Term))
                longest = anchor;
        }

        return longest;
    }

    private static bool Begins(ReadOnlySpan<int> ids, IReadOnlyList<int> term)
    {
        if (term.Count > ids.Length)
            return false;
        for (var i = 0; i < term.Count; i++)
        {
            if (ids[i] != term[i])
                return false;
        }

        return true;
    }
}
