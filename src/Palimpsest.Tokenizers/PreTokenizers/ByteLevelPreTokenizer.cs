using System.Text.RegularExpressions;

namespace Palimpsest.Tokenizers;

/// <summary>Cuts as GPT-2 does and writes every UTF-8 byte as the printable character that stands for it.</summary>
internal sealed partial class ByteLevelPreTokenizer(bool addPrefixSpace, bool usesRegex) : IPreTokenizer
{
    private static readonly TextPattern Words = TextPattern.FromRegex(WordPattern());

    /// <inheritdoc/>
    public void Apply(PieceText text)
    {
        if (addPrefixSpace)
        {
            text.Rewrite(
                static (old, piece, writer) =>
                {
                    if (old.Text[piece.Start] != ' ')
                        writer.Write(' ', piece.Start);
                    writer.Copy(piece.Start, piece.Length);
                }
            );
        }

        if (usesRegex)
        {
            var matches = new List<(int Start, int End)>();
            text.Split(
                (characters, piece, output) =>
                {
                    matches.Clear();
                    Words.FindMatches(characters, piece.Start, piece.Length, matches);
                    foreach (var (start, end) in matches)
                        output.Add(new TextPiece(start, end - start));
                }
            );
        }

        text.Rewrite(
            static (old, piece, writer) =>
            {
                Span<byte> bytes = stackalloc byte[4];
                for (var i = piece.Start; i < piece.End; )
                {
                    var character = old.Text[i];
                    if (character < 128)
                    {
                        writer.Write(ByteAlphabet.CharOf((byte)character), i++);
                        continue;
                    }

                    var rune = UnicodeClass.At(old.Text.AsSpan(0, piece.End), i, out var length);
                    foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
                        writer.Write(ByteAlphabet.CharOf(value), i);
                    i += length;
                }
            }
        );
    }

    [GeneratedRegex(
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex WordPattern();
}
