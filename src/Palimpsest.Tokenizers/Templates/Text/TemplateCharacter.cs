using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Classes of characters as Python's texts have them.</summary>
internal static class TemplateCharacter
{
    private static readonly Lazy<HashSet<int>> LowerToo = new(() => Members(TemplateCaseTables.LowerToo));
    private static readonly Lazy<HashSet<int>> UpperToo = new(() => Members(TemplateCaseTables.UpperToo));
    private static readonly Lazy<HashSet<int>> NumericToo = new(() => Members(TemplateCaseTables.NumericToo));

    public static bool IsSpace(Rune rune) => rune.Value is >= 0x1C and <= 0x1F || Rune.IsWhiteSpace(rune);

    public static bool IsLower(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.LowercaseLetter || LowerToo.Value.Contains(rune.Value);

    public static bool IsUpper(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.UppercaseLetter || UpperToo.Value.Contains(rune.Value);

    public static bool IsTitle(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    public static bool IsCased(Rune rune) => IsLower(rune) || IsUpper(rune) || IsTitle(rune);

    /// <summary>Whether a character between letters does not part them.</summary>
    public static bool IsCaseIgnorable(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.EnclosingMark
                or UnicodeCategory.Format
                or UnicodeCategory.ModifierLetter
                or UnicodeCategory.ModifierSymbol
        || "'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A".Contains(
            rune.ToString(),
            StringComparison.Ordinal
        );

    public static bool IsDecimal(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber;

    public static bool IsDigit(Rune rune) => CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0;

    public static bool IsNumeric(Rune rune) =>
        CharUnicodeInfo.GetNumericValue(rune.ToString(), 0) is not -1.0 || NumericToo.Value.Contains(rune.Value);

    public static bool IsAlphanumeric(Rune rune) => Rune.IsLetter(rune) || IsNumeric(rune) || IsDigit(rune);

    /// <summary>What a regular expression's <c>\w</c> matches.</summary>
    public static bool IsWord(Rune rune) => rune.Value == '_' || IsAlphanumeric(rune);

    /// <summary>Whether Python prints it as it is.</summary>
    public static bool IsPrintable(Rune rune) =>
        rune.Value == ' '
        || Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.SpaceSeparator
            );

    /// <summary>Whether a line ends with it.</summary>
    public static bool EndsLine(char c) =>
        c is (>= '\n' and <= '\r') or (>= '\x1C' and <= '\x1E') or '\x85' or '\u2028' or '\u2029';

    private static HashSet<int> Members(string table)
    {
        var members = new HashSet<int>();
        foreach (var range in table.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = range.Split('-');
            var last = Scalar(ends[^1]);
            for (var scalar = Scalar(ends[0]); scalar <= last; scalar++)
                members.Add(scalar);
        }

        return members;
    }

    private static int Scalar(string hex) =>
        int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
