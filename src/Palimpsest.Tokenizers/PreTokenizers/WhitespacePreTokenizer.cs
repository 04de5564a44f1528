using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Runs of word characters and runs of other visible characters; white space vanishes.</summary>
internal sealed class WhitespacePreTokenizer : IPreTokenizer
{
    private enum Kind
    {
        Space,
        Word,
        Symbol,
    }

    /// <inheritdoc/>
    public void Apply(PieceText text) =>
        text.Split(
            static (characters, piece, output) =>
            {
                var start = piece.Start;
                var current = Kind.Space;
                for (var i = piece.Start; i < piece.End; )
                {
                    var rune = UnicodeClass.At(characters.AsSpan(0, piece.End), i, out var length);
                    var kind = Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Symbol;
                    if (UnicodeClass.IsWord(rune))
                        kind = Kind.Word;
                    if (kind != current)
                    {
                        if (current != Kind.Space)
                            output.Add(new TextPiece(start, i - start));
                        (start, current) = (i, kind);
                    }

                    i += length;
                }

                if (current != Kind.Space)
                    output.Add(new TextPiece(start, piece.End - start));
            }
        );
}
