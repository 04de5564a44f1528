using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Character classes as tokenizers define them, which differ from those of .NET's char and Regex.</summary>
internal static class UnicodeClass
{
    /// <summary>Letters, marks, decimal digits, letter numbers, connectors, joiners and circled letters.</summary>
    public static bool IsWord(Rune rune)
    {
        var scalar = rune.Value;
        if (scalar < 128)
            return char.IsAsciiLetterOrDigit((char)scalar) || scalar == '_';
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.LetterNumber => true, // Lu Ll Lt Lm Lo Mn Mc Me Nd Nl are the first ten
            UnicodeCategory.ConnectorPunctuation => true,
            _ => scalar
                is 0x200C
                    or 0x200D
                    or (>= 0x24B6 and <= 0x24E9)
                    or (>= 0x1F130 and <= 0x1F149)
                    or (>= 0x1F150 and <= 0x1F169)
                    or (>= 0x1F170 and <= 0x1F189),
        };
    }

    /// <summary>Any of the three number categories.</summary>
    public static bool IsNumeric(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.LetterNumber
                or UnicodeCategory.OtherNumber;

    /// <summary>ASCII symbols and every punctuation category.</summary>
    public static bool IsPunctuation(Rune rune) =>
        rune.Value < 128
            ? char.IsAscii((char)rune.Value) && rune.Value is >= 33 and <= 126 && !Rune.IsLetterOrDigit(rune)
            : Rune.IsPunctuation(rune);

    /// <summary>A combining mark that takes no room of its own.</summary>
    public static bool IsNonSpacingMark(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark;

    /// <summary>Categories Cc, Cf, Co and Cs, but not tab and line ends.</summary>
    public static bool IsControl(Rune rune) =>
        rune.Value is not ('\t' or '\n' or '\r')
        && Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.Surrogate;

    /// <summary>The ideograph blocks that WordPiece sets apart.</summary>
    public static bool IsIdeograph(Rune rune) =>
        rune.Value
            is (>= 0x4E00 and <= 0x9FFF)
                or (>= 0x3400 and <= 0x4DBF)
                or (>= 0x20000 and <= 0x2A6DF)
                or (>= 0x2A700 and <= 0x2B73F)
                or (>= 0x2B740 and <= 0x2B81F)
                or (>= 0x2B920 and <= 0x2CEAF)
                or (>= 0xF900 and <= 0xFAFF)
                or (>= 0x2F800 and <= 0x2FA1F);

    /// <summary>The rune at an index, U+FFFD for half of a surrogate pair, and its length in UTF-16 units.</summary>
    public static Rune At(ReadOnlySpan<char> text, int index, out int length)
    {
        Rune.DecodeFromUtf16(text[index..], out var rune, out length);
        return rune;
    }
}
