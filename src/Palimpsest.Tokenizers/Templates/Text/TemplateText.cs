using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Texts as Python counts them: by code points, with its own idea of blanks and line ends.</summary>
internal static class TemplateText
{
    /// <summary>Whether places in code points are places in UTF-16 units.</summary>
    public static bool HasOneUnitEach(string text)
    {
        TemplateRun.Charge(1 + (text.Length / 32)); // the search is that much quicker than making text
        return !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');
    }

    /// <summary>Number of code points.</summary>
    public static int Length(string text) => HasOneUnitEach(text) ? text.Length : text.EnumerateRunes().Count();

    /// <summary>The characters, each a text.</summary>
    public static List<object?> Characters(string text)
    {
        TemplateRun.Charge(text.Length);
        return [.. text.EnumerateRunes().Select(rune => (object?)rune.ToString())];
    }

    /// <summary>Code points from one place up to another, both within the text.</summary>
    public static string Between(string text, int start, int stop)
    {
        if (start >= stop)
            return "";
        return HasOneUnitEach(text) ? text[start..stop] : text[UnitAt(text, start)..UnitAt(text, stop)];
    }

    /// <summary>The place in UTF-16 units of a place in code points.</summary>
    public static int UnitAt(string text, int point)
    {
        var unit = 0;
        for (; point > 0; point--)
            unit += unit + 1 < text.Length && char.IsSurrogatePair(text[unit], text[unit + 1]) ? 2 : 1;
        return unit;
    }

    /// <summary>Order by code points.</summary>
    public static int Compare(string a, string b)
    {
        var most = Math.Min(a.Length, b.Length);
        var same = a.AsSpan().CommonPrefixLength(b);
        TemplateRun.Charge(1 + (same / 32));
        return same == most ? a.Length.CompareTo(b.Length) : Rank(a[same]).CompareTo(Rank(b[same]));
    }

    /// <summary>Without blanks, or without given characters, at either end.</summary>
    public static string Strip(string text, string? characters, bool start = true, bool end = true)
    {
        TemplateRun.Charge(text.Length);
        var set = characters?.EnumerateRunes().ToHashSet();
        bool Goes(Rune rune) => set is null ? TemplateCharacter.IsSpace(rune) : set.Contains(rune);
        var (from, to) = (0, text.Length);
        while (
            start && from < to && Rune.DecodeFromUtf16(text.AsSpan(from, to - from), out var first, out var units) == 0
        )
        {
            if (!Goes(first))
                break;
            from += units;
        }

        while (
            end && from < to && Rune.DecodeLastFromUtf16(text.AsSpan(from, to - from), out var last, out var units) == 0
        )
        {
            if (!Goes(last))
                break;
            to -= units;
        }

        return text[from..to];
    }

    /// <summary>Lines without their ends, or with them.</summary>
    public static List<string> Lines(string text, bool keepsEnds)
    {
        TemplateRun.Charge(text.Length);
        var lines = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!TemplateCharacter.EndsLine(text[i]))
                continue;
            var stop = i;
            if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                i++;
            lines.Add(text[start..(keepsEnds ? i + 1 : stop)]);
            start = i + 1;
        }

        if (start < text.Length)
            lines.Add(text[start..]);
        return lines;
    }

    /// <summary>Replaces the first <paramref name="most"/> occurrences, all if that is negative.</summary>
    public static string Replace(string text, string old, string replacement, long most)
    {
        if (most == 0)
            return text;
        if (old.Length == 0)
            return Interleaved(text, replacement, most);
        var places = 0L;
        var result = new StringBuilder();
        var at = 0;
        while ((most < 0 || places < most) && text.IndexOf(old, at, StringComparison.Ordinal) is >= 0 and var found)
        {
            places++;
            result.Append(text, at, found - at).Append(replacement);
            at = found + old.Length;
            TemplateRun.CheckLength(replacement.Length + 1);
            CheckSize(result.Length);
        }

        TemplateRun.Charge(text.Length);
        CheckSize(result.Length + (long)text.Length - at);
        return places == 0 ? text : result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>A replacement before each character and at the end.</summary>
    private static string Interleaved(string text, string replacement, long most)
    {
        var characters = Characters(text);
        TemplateRun.CheckLength(text.Length + ((characters.Count + 1L) * replacement.Length));
        var result = new StringBuilder();
        for (var i = 0; i <= characters.Count; i++)
        {
            if (most < 0 || i < most)
                result.Append(replacement);
            if (i < characters.Count)
                result.Append((string)characters[i]!);
        }

        return result.ToString();
    }

    /// <summary>Texts with a separator between.</summary>
    public static string Join(string separator, IReadOnlyList<string> parts)
    {
        TemplateRun.CheckLength(
            parts.Sum(part => (long)part.Length) + ((long)separator.Length * Math.Max(0, parts.Count - 1))
        );
        return string.Join(separator, parts);
    }

    /// <summary>A text several times.</summary>
    public static string Repeat(string text, long times)
    {
        var count = (int)Math.Clamp(times, 0, text.Length == 0 ? 0 : ChatTemplate.MostCharacters + 1L);
        TemplateRun.CheckLength((long)text.Length * count);
        return string.Concat(Enumerable.Repeat(text, count));
    }

    private static int Rank(char unit)
    {
        if (unit < '\uD800')
            return unit;
        return char.IsSurrogate(unit) ? unit + 0x2000 : unit - 0x800;
    }

    private static void CheckSize(long length)
    {
        if (length > ChatTemplate.MostCharacters)
            TemplateRun.CheckLength(length);
    }
}
