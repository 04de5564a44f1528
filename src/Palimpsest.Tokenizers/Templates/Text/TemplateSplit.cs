using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Python's ways to cut a text at a separator or at blanks.</summary>
internal static class TemplateSplit
{
    /// <summary>Cuts from the start, at most so often; negative is without bound.</summary>
    public static List<string> FromStart(string text, string? separator, long most)
    {
        TemplateRun.Charge(text.Length);
        if (separator is null)
            return AtBlanks(text, most);
        var parts = new List<string>();
        var at = 0;
        while (
            (most < 0 || parts.Count < most)
            && text.IndexOf(separator, at, StringComparison.Ordinal) is >= 0 and var found
        )
        {
            parts.Add(text[at..found]);
            at = found + separator.Length;
        }

        parts.Add(text[at..]);
        return parts;
    }

    /// <summary>Cuts from the end, at most so often; the parts are in the text's order.</summary>
    public static List<string> FromEnd(string text, string? separator, long most)
    {
        TemplateRun.Charge(text.Length);
        if (separator is null)
            return FromEndAtBlanks(text, most);
        var parts = new List<string>();
        var end = text.Length;
        while ((most < 0 || parts.Count < most) && text.AsSpan(0, end).LastIndexOf(separator) is >= 0 and var found)
        {
            parts.Add(text[(found + separator.Length)..end]);
            end = found;
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    /// <summary>Runs of word characters.</summary>
    public static long CountWords(string text)
    {
        TemplateRun.Charge(text.Length);
        var (count, within) = (0L, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var isWord = TemplateCharacter.IsWord(rune);
            count += isWord && !within ? 1 : 0;
            within = isWord;
        }

        return count;
    }

    private static List<string> AtBlanks(string text, long most)
    {
        var parts = new List<string>();
        var at = Skip(text, 0, blanks: true);
        while (at < text.Length)
        {
            var end = most < 0 || parts.Count < most ? Skip(text, at, blanks: false) : text.Length;
            parts.Add(text[at..end]);
            at = Skip(text, end, blanks: true);
        }

        return parts;
    }

    private static List<string> FromEndAtBlanks(string text, long most)
    {
        var parts = new List<string>();
        var end = SkipBack(text, text.Length, blanks: true);
        while (end > 0)
        {
            var at = most < 0 || parts.Count < most ? SkipBack(text, end, blanks: false) : 0;
            parts.Add(text[at..end]);
            end = SkipBack(text, at, blanks: true);
        }

        parts.Reverse();
        return parts;
    }

    private static int Skip(string text, int at, bool blanks)
    {
        while (at < text.Length && IsBlank(text[at]) == blanks)
            at++;
        return at;
    }

    private static int SkipBack(string text, int end, bool blanks)
    {
        while (end > 0 && IsBlank(text[end - 1]) == blanks)
            end--;
        return end;
    }

    private static bool IsBlank(char unit) => Rune.TryCreate(unit, out var rune) && TemplateCharacter.IsSpace(rune);
}
