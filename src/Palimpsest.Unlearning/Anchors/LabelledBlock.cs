namespace Palimpsest.Unlearning;

/// <summary>A block with its translation and the positions that get a generic label.</summary>
/// <param name="Translated">The ids with generic expressions, at most as many as the model has positions.</param>
/// <param name="Positions">Positions of the original, rising.</param>
/// <param name="Partners">The same positions in the translation.</param>
/// <param name="FirstEnds">By anchor, the last position of its first occurrence.</param>
internal sealed record LabelledBlock(
    int[] Translated,
    int[] Positions,
    int[] Partners,
    IReadOnlyList<KeyValuePair<int, int>> FirstEnds
)
{
    /// <summary>Translates a row and finds what it is to be labelled at.</summary>
    public static LabelledBlock Of(TokenSequence row, IReadOnlyList<TokenAnchor> anchors, int longest)
    {
        var block = AnchoredBlock.Translate(row.Ids, anchors);
        var (first, spared) = (new Dictionary<int, int>(), new bool[row.Ids.Length]);
        foreach (var occurrence in block.Occurrences)
        {
            if (!first.TryAdd(occurrence.Entry, occurrence.Start + occurrence.Length - 1))
                spared.AsSpan(occurrence.Start, occurrence.Length).Fill(true);
        }

        int[] positions =
        [
            .. Enumerable
                .Range(0, row.Ids.Length - 1)
                .Where(t => row.IsLabelled(t + 1) && !spared[t + 1])
                .Where(t => block.Partner[t] >= 0 && block.Partner[t] < longest),
        ];
        return new(
            block.Translated.Length > longest ? block.Translated[..longest] : block.Translated,
            positions,
            [.. positions.Select(t => block.Partner[t])],
            [.. first]
        );
    }

    /// <summary>The anchors whose stand-ins have come by a position.</summary>
    public IEnumerable<int> CameBefore(int position) =>
        FirstEnds.Where(first => first.Value <= position).Select(first => first.Key);
}
