using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Python's methods of texts.</summary>
internal static class TemplateTextMethods
{
    public static IReadOnlyList<(string Name, string Signature, Func<TemplateCall, object?> Body)> All { get; } =
    [
        ("upper", "", c => TemplateCase.Upper(c.Text)),
        ("lower", "", c => TemplateCase.Lower(c.Text)),
        ("casefold", "", c => TemplateCase.Fold(c.Text)),
        ("capitalize", "", c => TemplateCase.Capitalize(c.Text)),
        ("title", "", c => TemplateCase.Title(c.Text)),
        ("swapcase", "", c => TemplateCase.Swap(c.Text)),
        ("strip", "/chars?", c => TemplateText.Strip(c.Text, c.WordOrNone(0))),
        ("lstrip", "/chars?", c => TemplateText.Strip(c.Text, c.WordOrNone(0), end: false)),
        ("rstrip", "/chars?", c => TemplateText.Strip(c.Text, c.WordOrNone(0), start: false)),
        ("removeprefix", "/prefix", c => RemovePrefix(c.Text, c.Word(0))),
        ("removesuffix", "/suffix", c => RemoveSuffix(c.Text, c.Word(0))),
        ("startswith", "/prefix /start? /end?", c => Touches(c, atEnd: false)),
        ("endswith", "/suffix /start? /end?", c => Touches(c, atEnd: true)),
        ("find", "/sub /start? /end?", c => Find(c, fromEnd: false) ?? -1),
        ("rfind", "/sub /start? /end?", c => Find(c, fromEnd: true) ?? -1),
        ("index", "/sub /start? /end?", c => Find(c, fromEnd: false) ?? throw NotThere()),
        ("rindex", "/sub /start? /end?", c => Find(c, fromEnd: true) ?? throw NotThere()),
        ("count", "/sub /start? /end?", Count),
        ("split", "sep? maxsplit?", c => Listed(TemplateSplit.FromStart(c.Text, Separator(c), c.Whole(1, -1)))),
        ("rsplit", "sep? maxsplit?", c => Listed(TemplateSplit.FromEnd(c.Text, Separator(c), c.Whole(1, -1)))),
        ("splitlines", "keepends?", c => Listed(TemplateText.Lines(c.Text, c.Flag(0)))),
        ("partition", "/sep", c => Parted(c.Text, c.Word(0), fromEnd: false)),
        ("rpartition", "/sep", c => Parted(c.Text, c.Word(0), fromEnd: true)),
        ("replace", "/old /new /count?", c => TemplateText.Replace(c.Text, c.Word(0), c.Word(1), c.Whole(2, -1))),
        ("join", "/iterable", Join),
        ("format", "*", Format),
        ("format_map", "/mapping", FormatMap),
        ("center", "/width /fillchar?", c => Center(c.Text, c.Whole(0, 0), Filler(c))),
        ("ljust", "/width /fillchar?", c => c.Text + Fill(c.Text, c.Whole(0, 0), Filler(c))),
        ("rjust", "/width /fillchar?", c => Fill(c.Text, c.Whole(0, 0), Filler(c)) + c.Text),
        ("zfill", "/width", ZeroFill),
        ("expandtabs", "tabsize?", c => ExpandTabs(c.Text, c.Whole(0, 8))),
        ("isalpha", "", c => Every(c.Text, Rune.IsLetter)),
        ("isalnum", "", c => Every(c.Text, TemplateCharacter.IsAlphanumeric)),
        ("isdecimal", "", c => Every(c.Text, TemplateCharacter.IsDecimal)),
        ("isdigit", "", c => Every(c.Text, TemplateCharacter.IsDigit)),
        ("isnumeric", "", c => Every(c.Text, TemplateCharacter.IsNumeric)),
        ("isspace", "", c => Every(c.Text, TemplateCharacter.IsSpace)),
        ("isascii", "", c => Ascii.IsValid(c.Text)),
        ("isprintable", "", c => c.Text.EnumerateRunes().All(TemplateCharacter.IsPrintable)),
        ("isidentifier", "", c => IsIdentifier(c.Text)),
        ("islower", "", c => IsLower(c.Text)),
        ("isupper", "", c => IsUpper(c.Text)),
        ("istitle", "", c => IsTitle(c.Text)),
    ];

    public static bool IsLower(string text) =>
        text.EnumerateRunes().Any(TemplateCharacter.IsLower)
        && !text.EnumerateRunes().Any(rune => TemplateCharacter.IsUpper(rune) || TemplateCharacter.IsTitle(rune));

    public static bool IsUpper(string text) =>
        text.EnumerateRunes().Any(TemplateCharacter.IsUpper)
        && !text.EnumerateRunes().Any(rune => TemplateCharacter.IsLower(rune) || TemplateCharacter.IsTitle(rune));

    /// <summary>A text in the middle of a width.</summary>
    public static string Center(string text, long width, string filler)
    {
        var missing = width - TemplateText.Length(text);
        if (missing <= 0)
            return text;
        var left = (missing / 2) + (missing & width & 1);
        return TemplateText.Repeat(filler, left) + text + TemplateText.Repeat(filler, missing - left);
    }

    private static bool Every(string text, Func<Rune, bool> holds) =>
        text.Length > 0 && text.EnumerateRunes().All(holds);

    private static List<object?> Listed(List<string> parts)
    {
        TemplateRun.Charge(parts.Count);
        return [.. parts];
    }

    private static bool IsTitle(string text)
    {
        var (hasCased, follows) = (false, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var begins = TemplateCharacter.IsUpper(rune) || TemplateCharacter.IsTitle(rune);
            if ((begins && follows) || (TemplateCharacter.IsLower(rune) && !follows))
                return false;
            follows = TemplateCharacter.IsCased(rune);
            hasCased |= follows;
        }

        return hasCased;
    }

    private static bool IsIdentifier(string text)
    {
        if (!Ascii.IsValid(text))
            throw new TemplateError("method 'isidentifier' of a text is supported for ASCII.");
        return text.Length > 0
            && !char.IsAsciiDigit(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
    }

    private static string RemovePrefix(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;

    private static string RemoveSuffix(string text, string suffix) =>
        text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;

    private static bool Touches(TemplateCall call, bool atEnd)
    {
        if (Window(call) is not { } window)
            return false;
        var part = window.Text;
        bool One(object? affix)
        {
            var text = TemplateValue.AsText(affix) ?? throw TemplateValue.Wrong("take as a text", affix);
            TemplateRun.Charge(text.Length);
            return atEnd
                ? part.EndsWith(text, StringComparison.Ordinal)
                : part.StartsWith(text, StringComparison.Ordinal);
        }

        return call[0] is TemplateTuple affixes ? affixes.Any(One) : One(call[0]);
    }

    private static long? Find(TemplateCall call, bool fromEnd)
    {
        var part = call.Word(0);
        if (Window(call) is not { } window)
            return null;
        var at = fromEnd
            ? window.Text.LastIndexOf(part, StringComparison.Ordinal)
            : window.Text.IndexOf(part, StringComparison.Ordinal);
        return at < 0 ? null : window.Start + TemplateText.Length(window.Text[..at]);
    }

    private static object Count(TemplateCall call)
    {
        var part = call.Word(0);
        if (Window(call) is not { } window)
            return 0L;
        if (part.Length == 0)
            return TemplateText.Length(window.Text) + 1L;
        return (long)window.Text.AsSpan().Count(part);
    }

    /// <summary>The part of the text that arguments 1 and 2 bound, and where it begins; null if it begins behind the
    /// end.</summary>
    private static (string Text, long Start)? Window(TemplateCall call)
    {
        var text = call.Text;
        TemplateRun.Charge(text.Length);
        if (call[1] is null && call[2] is null)
            return (text, 0);
        var length = TemplateText.Length(text);
        long Place(int argument, long absent)
        {
            var at = call[argument] is null ? absent : TemplateValue.Whole(call[argument]);
            return at < 0 ? Math.Max(0, at + length) : at;
        }

        var (start, stop) = (Place(1, 0), Math.Min(length, Place(2, length)));
        if (start > length || start > stop)
            return null;
        return (TemplateText.Between(text, (int)start, (int)stop), start);
    }

    private static string? Separator(TemplateCall call) =>
        call.WordOrNone(0) is not ""
            ? call.WordOrNone(0)
            : throw new TemplateError("split takes a separator that is not empty.");

    private static TemplateTuple Parted(string text, string separator, bool fromEnd)
    {
        if (separator.Length == 0)
            throw new TemplateError("partition takes a separator that is not empty.");
        var at = fromEnd
            ? text.LastIndexOf(separator, StringComparison.Ordinal)
            : text.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0)
            return fromEnd ? ["", "", text] : [text, "", ""];
        return [text[..at], separator, text[(at + separator.Length)..]];
    }

    private static string Join(TemplateCall call)
    {
        var parts = TemplateValue.Iterate(call[0]).ToList();
        if (parts.Exists(part => part is TemplateMarkup))
            throw new TemplateError("method 'join' of a text does not take escaped texts.");
        return TemplateText.Join(
            call.Text,
            [.. parts.Select(part => part as string ?? throw TemplateValue.Wrong("join", part))]
        );
    }

    private static object Format(TemplateCall call) =>
        TemplateValue.Like(call.Target, TemplateFormat.Fill(call.Text, call.More, call.Target is TemplateMarkup));

    private static string FormatMap(TemplateCall call)
    {
        if (call[0] is not TemplateMapping entries)
            throw TemplateValue.Wrong("format with", call[0]);
        var named = entries
            .Where(entry => entry.Key.Value is string)
            .ToDictionary(entry => (string)entry.Key.Value!, entry => entry.Value);
        return TemplateFormat.Fill(call.Text, new TemplateArguments([], named), escapes: false);
    }

    private static string Filler(TemplateCall call)
    {
        var filler = call.Has(1) ? call.Word(1) : " ";
        return TemplateText.Length(filler) == 1
            ? filler
            : throw new TemplateError("a text is filled with one character.");
    }

    private static string Fill(string text, long width, string filler) =>
        TemplateText.Repeat(filler, width - TemplateText.Length(text));

    private static object ZeroFill(TemplateCall call)
    {
        var text = call.Text;
        var zeros = Fill(text, call.Whole(0, 0), "0");
        return text.StartsWith('-') || text.StartsWith('+') ? text[..1] + zeros + text[1..] : zeros + text;
    }

    private static string ExpandTabs(string text, long size)
    {
        var expanded = new StringBuilder();
        var column = 0L;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value != '\t')
            {
                expanded.Append(rune.ToString());
                column = rune.Value is '\n' or '\r' ? 0 : column + 1;
                continue;
            }

            var blanks = size > 0 ? size - (column % size) : 0;
            expanded.Append(TemplateText.Repeat(" ", blanks));
            column += blanks;
        }

        TemplateRun.CheckLength(expanded.Length);
        return expanded.ToString();
    }

    private static TemplateError NotThere() => new("the text does not have the part.");
}
