using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>What BERT does before it looks for words.</summary>
/// <param name="cleanText">Whether control characters go and every white space becomes a blank.</param>
/// <param name="separateIdeographs">Whether ideographs get blanks around them.</param>
/// <param name="stripAccents">Whether combining marks go; null means as <paramref name="lowercase"/>.</param>
/// <param name="lowercase">Whether letters become lower case.</param>
internal sealed class BertNormalizer(bool cleanText, bool separateIdeographs, bool? stripAccents, bool lowercase)
    : INormalizer
{
    private readonly UnicodeFormNormalizer _decompose = new(compatibility: false, compose: false);
    private readonly LowercaseNormalizer _lower = new();

    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text)
    {
        if (cleanText)
            text = text.Map(Clean);
        if (separateIdeographs)
            text = text.Map(Separate);
        if (stripAccents ?? lowercase)
        {
            text = _decompose
                .Normalize(text)
                .Map(
                    static (rune, output) =>
                    {
                        if (!UnicodeClass.IsNonSpacingMark(rune))
                            output.Add(rune);
                    }
                );
        }

        return lowercase ? _lower.Normalize(text) : text;
    }

    private static void Clean(Rune rune, List<Rune> output)
    {
        if (Rune.IsWhiteSpace(rune))
            output.Add(new Rune(' '));
        else if (rune.Value is not (0 or 0xFFFD) && !UnicodeClass.IsControl(rune))
            output.Add(rune);
    }

    private static void Separate(Rune rune, List<Rune> output)
    {
        if (!UnicodeClass.IsIdeograph(rune))
        {
            output.Add(rune);
            return;
        }

        output.Add(new Rune(' '));
        output.Add(rune);
        output.Add(new Rune(' '));
    }
}
