using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>A text on its way through the normalizers that remembers where each character came from.</summary>
/// <param name="Text">The text now.</param>
/// <param name="Source">Per UTF-16 unit of <paramref name="Text"/>: index of its Unicode scalar in the original
/// text.</param>
internal sealed record AlignedText(string Text, int[] Source)
{
    /// <summary>A stretch of original text.</summary>
    /// <param name="text">The characters.</param>
    /// <param name="firstScalar">Scalars of the original before it.</param>
    public static AlignedText FromOriginal(string text, int firstScalar) => new(text, Identity(text, firstScalar));

    /// <summary>Scalar indices of a text that is its own source.</summary>
    public static int[] Identity(ReadOnlySpan<char> text, int firstScalar)
    {
        var source = new int[text.Length];
        for (var (i, scalar) = (0, firstScalar); i < text.Length; scalar++)
        {
            UnicodeClass.At(text, i, out var length);
            source.AsSpan(i, length).Fill(scalar);
            i += length;
        }

        return source;
    }

    /// <summary>The text that results when every scalar becomes the given scalars, which share its source.</summary>
    public AlignedText Map(Action<Rune, List<Rune>> map)
    {
        var builder = new AlignedTextBuilder(Text.Length);
        var replacement = new List<Rune>();
        for (var i = 0; i < Text.Length; )
        {
            var rune = UnicodeClass.At(Text, i, out var length);
            replacement.Clear();
            map(rune, replacement);
            foreach (var scalar in replacement)
                builder.Append(scalar, Source[i]);
            i += length;
        }

        return builder.ToText();
    }

    /// <summary>The text with scalars replaced, inserted and swallowed in order.</summary>
    public AlignedText Transform(IEnumerable<ScalarChange> changes)
    {
        var builder = new AlignedTextBuilder(Text.Length);
        var next = 0;
        var last = 0;
        foreach (var (scalar, change) in changes)
        {
            var source = change > 0 ? last : Source[next];
            for (var taken = change > 0 ? 0 : 1 - change; taken > 0; taken--)
            {
                UnicodeClass.At(Text, next, out var length);
                last = Source[next];
                next += length;
            }

            builder.Append(new Rune(scalar), source);
        }

        return builder.ToText();
    }

    /// <summary>The text with something put before it, which shares the source of the first character.</summary>
    public AlignedText Prepend(string prefix)
    {
        if (Text.Length == 0)
            return this;
        var source = new int[prefix.Length + Source.Length];
        source.AsSpan(0, prefix.Length).Fill(Source[0]);
        Source.CopyTo(source, prefix.Length);
        return new AlignedText(prefix + Text, source);
    }

    /// <summary>A part of the text.</summary>
    public AlignedText Slice(int start, int length) =>
        start == 0 && length == Text.Length
            ? this
            : new AlignedText(Text.Substring(start, length), Source[start..(start + length)]);
}
