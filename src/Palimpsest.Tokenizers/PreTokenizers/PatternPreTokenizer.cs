namespace Palimpsest.Tokenizers;

/// <summary>Cuts at the matches of a pattern.</summary>
internal sealed class PatternPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    /// <inheritdoc/>
    public void Apply(PieceText text)
    {
        var matches = new List<(int Start, int End)>();
        text.Split(
            (characters, piece, output) =>
            {
                matches.Clear();
                pattern.FindMatches(characters, piece.Start, piece.Length, matches);
                PieceSplitter.Cut(piece, matches, invert, behavior, output);
            }
        );
    }
}
