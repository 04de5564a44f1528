namespace Palimpsest.Tokenizers;

/// <summary>Counts the pieces that a pre-tokenizer cuts texts into; special tokens in the texts are passed
/// over.</summary>
internal static class WordCounter
{
    private static readonly AddedTokenMatcher Special = new(
        TrainedFiles.Special.Select((token, id) => (token, new AddedToken(id, token)))
    );

    /// <summary>Pieces and how often each occurs.</summary>
    public static Dictionary<string, long> Count(
        IEnumerable<string> texts,
        IPreTokenizer preTokenizer,
        CancellationToken cancellationToken
    )
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var parts = new List<TextPiece>();
        foreach (var text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            parts.Clear();
            Special.Cut(text, parts);
            var pieces = new PieceText(text, null, parts);
            preTokenizer.Apply(pieces);
            foreach (var piece in pieces.Pieces)
            {
                if (piece.TokenId >= 0)
                    continue;
                var word = pieces.Text.AsSpan(piece.Start, piece.Length);
                lookup[word] = lookup.TryGetValue(word, out var count) ? count + 1 : 1;
            }
        }

        return counts;
    }
}
