using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Case mappings of texts as Python has them: full mappings, with the final sigma.</summary>
internal static class TemplateCase
{
    private static readonly Lazy<Dictionary<int, string>> Uppers = new(() => Mappings(TemplateCaseTables.Upper));
    private static readonly Lazy<Dictionary<int, string>> Titles = new(() => Mappings(TemplateCaseTables.Title));
    private static readonly Lazy<Dictionary<int, string>> Folds = new(() => Mappings(TemplateCaseTables.Fold));

    public static string Upper(string text) => Ascii.IsValid(text) ? text.ToUpperInvariant() : Mapped(text, UpperOf);

    public static string Lower(string text) => Ascii.IsValid(text) ? text.ToLowerInvariant() : Mapped(text, LowerAt);

    public static string Fold(string text) =>
        Mapped(text, (_, _, rune) => Folds.Value.GetValueOrDefault(rune.Value) ?? LowerOf(rune));

    /// <summary>The first character in title case, the others in lower case.</summary>
    public static string Capitalize(string text) =>
        Mapped(text, (all, at, rune) => at == 0 ? TitleOf(rune) : LowerAt(all, at, rune));

    /// <summary>Each run of cased characters begins in title case.</summary>
    public static string Title(string text)
    {
        var follows = false;
        return Mapped(
            text,
            (all, at, rune) =>
            {
                var mapped = follows ? LowerAt(all, at, rune) : TitleOf(rune);
                follows = TemplateCharacter.IsCased(rune);
                return mapped;
            }
        );
    }

    public static string Swap(string text) =>
        Mapped(
            text,
            (all, at, rune) =>
            {
                if (TemplateCharacter.IsUpper(rune))
                    return LowerAt(all, at, rune);
                return TemplateCharacter.IsLower(rune) ? UpperOf(all, at, rune) : rune.ToString();
            }
        );

    private static string Mapped(string text, Func<string, int, Rune, string> map)
    {
        var result = new StringBuilder(text.Length);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(map(text, at, rune));
            at += rune.Utf16SequenceLength;
        }

        TemplateRun.CheckLength(result.Length);
        return result.ToString();
    }

    private static string UpperOf(string text, int at, Rune rune) =>
        Uppers.Value.GetValueOrDefault(rune.Value) ?? Rune.ToUpperInvariant(rune).ToString();

    private static string TitleOf(Rune rune) => Titles.Value.GetValueOrDefault(rune.Value) ?? UpperOf("", 0, rune);

    private static string LowerOf(Rune rune) => rune.Value == 'İ' ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString();

    private static string LowerAt(string text, int at, Rune rune) =>
        rune.Value == 'Σ' && EndsWord(text, at) ? "ς" : LowerOf(rune);

    private static bool EndsWord(string text, int at)
    {
        var before = text[..at].EnumerateRunes().Reverse().SkipWhile(TemplateCharacter.IsCaseIgnorable);
        var after = text[(at + 1)..].EnumerateRunes().SkipWhile(TemplateCharacter.IsCaseIgnorable);
        TemplateRun.Charge(text.Length);
        return before.Take(1).Any(TemplateCharacter.IsCased) && !after.Take(1).Any(TemplateCharacter.IsCased);
    }

    private static Dictionary<int, string> Mappings(string table)
    {
        var mappings = new Dictionary<int, string>();
        foreach (var entry in table.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var sides = entry.Split('=');
            mappings[Scalar(sides[0])] = string.Concat(
                sides[1].Split('+').Select(to => new Rune(Scalar(to)).ToString())
            );
        }

        return mappings;
    }

    private static int Scalar(string hex) =>
        int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
