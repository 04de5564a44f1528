namespace Palimpsest.Tokenizers;

/// <summary>A text cut into pieces; pre-tokenizers cut them further or rewrite them.</summary>
internal sealed class PieceText
{
    private List<TextPiece> _pieces;

    /// <summary>A text with its first pieces.</summary>
    /// <param name="text">The characters.</param>
    /// <param name="source">Scalar of the original text per UTF-16 unit; null when nobody asks for offsets.</param>
    /// <param name="pieces">In order, without gaps that matter.</param>
    public PieceText(string text, int[]? source, List<TextPiece> pieces)
    {
        (Text, Source, _pieces) = (text, source, pieces);
    }

    /// <summary>The characters.</summary>
    public string Text { get; private set; }

    /// <summary>Original scalar per UTF-16 unit, or null.</summary>
    public int[]? Source { get; private set; }

    /// <summary>The pieces in order.</summary>
    public IReadOnlyList<TextPiece> Pieces => _pieces;

    /// <summary>Whether a piece begins where the original text begins.</summary>
    public bool IsAtStart(TextPiece piece) => Source is null ? piece.Start == 0 : Source[piece.Start] == 0;

    /// <summary>Cuts every piece that is not an added token; empty parts are dropped.</summary>
    public void Split(Action<string, TextPiece, List<TextPiece>> split)
    {
        var parts = new List<TextPiece>(Math.Max(_pieces.Count, Text.Length / 4));
        foreach (var piece in _pieces)
        {
            if (piece.TokenId >= 0)
                parts.Add(piece);
            else
                split(Text, piece, parts);
        }

        _pieces = parts;
    }

    /// <summary>Rewrites every piece that is not an added token.</summary>
    public void Rewrite(Action<PieceText, TextPiece, PieceWriter> rewrite)
    {
        var writer = new PieceWriter(this, Text.Length * 2);
        var pieces = new List<TextPiece>(_pieces.Count);
        foreach (var piece in _pieces)
        {
            var start = writer.Length;
            if (piece.TokenId >= 0)
                writer.Copy(piece.Start, piece.Length);
            else
                rewrite(this, piece, writer);
            if (writer.Length > start)
                pieces.Add(new TextPiece(start, writer.Length - start, piece.TokenId));
        }

        (Text, Source) = writer.Finish();
        _pieces = pieces;
    }
}
