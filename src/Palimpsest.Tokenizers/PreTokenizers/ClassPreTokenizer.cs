using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Cuts at the characters of a class.</summary>
internal sealed class ClassPreTokenizer(Func<Rune, bool> isDelimiter, SplitBehavior behavior) : IPreTokenizer
{
    /// <inheritdoc/>
    public void Apply(PieceText text)
    {
        var matches = new List<(int Start, int End)>();
        text.Split(
            (characters, piece, output) =>
            {
                matches.Clear();
                for (var i = piece.Start; i < piece.End; )
                {
                    var rune = UnicodeClass.At(characters.AsSpan(0, piece.End), i, out var length);
                    if (isDelimiter(rune))
                        matches.Add((i, i + length));
                    i += length;
                }

                PieceSplitter.Cut(piece, matches, invert: false, behavior, output);
            }
        );
    }
}
