using System.Buffers;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Filters of texts.</summary>
internal static class TemplateTextFilters
{
    private const int PrettyWidth = 80;
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(" \t\n\r\f\v/>=");

    public static IReadOnlyList<(string Names, string Signature, Func<TemplateCall, object?> Body)> All { get; } =
    [
        ("upper", "", c => TemplateValue.Like(c.Target, TemplateCase.Upper(c.Text))),
        ("lower", "", c => TemplateValue.Like(c.Target, TemplateCase.Lower(c.Text))),
        ("capitalize", "", c => TemplateValue.Like(c.Target, TemplateCase.Capitalize(c.Text))),
        ("title", "", c => Title(c.Text)),
        ("trim", "chars?", c => TemplateValue.Like(c.Target, TemplateText.Strip(c.Text, c.WordOrNone(0)))),
        (
            "center",
            "width?",
            c => TemplateValue.Like(c.Target, TemplateTextMethods.Center(c.Text, c.Whole(0, 80), " "))
        ),
        ("string", "", c => c.Target is TemplateMarkup ? c.Target : c.Text),
        ("safe", "", c => new TemplateMarkup(c.Text)),
        ("e escape", "", c => TemplateHtml.Escaped(c.Target)),
        ("forceescape", "", c => new TemplateMarkup(TemplateHtml.Escape(c.Text))),
        ("striptags", "", c => StripTags(c.Text)),
        ("urlencode", "", c => UrlEncode(c.Target)),
        ("xmlattr", "autospace?", c => XmlAttributes(c.Target, c.Flag(0, true))),
        (
            "replace",
            "old new count?",
            c =>
                TemplateText.Replace(
                    c.Text,
                    TemplateValue.Show(c[0]),
                    TemplateValue.Show(c[1]),
                    c[2] is null ? -1 : c.Whole(2, -1)
                )
        ),
        ("indent", "width? first? blank?", Indent),
        ("truncate", "length? killwords? end? leeway?", Truncate),
        ("wordcount", "", c => TemplateSplit.CountWords(c.Text)),
        ("format", "*", Format),
        ("pprint", "", c => Pretty(c.Target)),
        (
            "tojson",
            "ensure_ascii? indent? separators? sort_keys?",
            c => TemplateJson.Write(c.Target, TemplateJsonStyle.Read(c))
        ),
    ];

    /// <summary>Upper case after blanks, hyphens and opening brackets; lower case elsewhere.</summary>
    private static string Title(string text)
    {
        var result = new StringBuilder();
        var start = 0;
        while (start < text.Length)
        {
            var isGap = IsGap(text[start]);
            var end = start;
            while (end < text.Length && IsGap(text[end]) == isGap)
                end++;
            var word = text[start..end];
            var first = char.IsHighSurrogate(word[0]) && word.Length > 1 ? 2 : 1;
            result.Append(TemplateCase.Upper(word[..first])).Append(TemplateCase.Lower(word[first..]));
            start = end;
        }

        return result.ToString();
    }

    private static bool IsGap(char c) =>
        c is '-' or '(' or '{' or '[' or '<' || (Rune.TryCreate(c, out var rune) && TemplateCharacter.IsSpace(rune));

    private static object Indent(TemplateCall call)
    {
        var text = TemplateValue.AsText(call.Target) ?? throw TemplateValue.Wrong("indent", call.Target);
        var width = call.Or(0, 4L);
        var prefix = TemplateValue.AsText(width) ?? TemplateText.Repeat(" ", TemplateValue.Whole(width));
        var (first, blank) = (call.Flag(1), call.Flag(2));
        if (call.Target is TemplateMarkup && width is string)
            prefix = TemplateHtml.Escape(prefix);
        var lines = TemplateText.Lines(text + "\n", keepsEnds: false);
        TemplateRun.CheckLength((long)lines.Count * prefix.Length);
        bool IsIndented(string line, int i) => i == 0 ? first : blank || line.Length > 0;
        return TemplateValue.Like(
            call.Target,
            TemplateText.Join("\n", [.. lines.Select((line, i) => IsIndented(line, i) ? prefix + line : line)])
        );
    }

    private static object Truncate(TemplateCall call)
    {
        var text = TemplateValue.AsText(call.Target) ?? throw TemplateValue.Wrong("truncate", call.Target);
        var length = call.Whole(0, 255);
        var end = call.Has(2) ? call.Word(2) : "...";
        var leeway = call[3] is null ? 5 : call.Whole(3, 5);
        var kept = length - TemplateText.Length(end);
        if (kept < 0 || leeway < 0)
            throw new TemplateError("truncate takes a length of at least its end's and a leeway of at least 0.");
        if (TemplateText.Length(text) <= length + leeway)
            return call.Target!;
        if (call.Target is TemplateMarkup)
            end = TemplateHtml.Escaped(call.Or(2, end)).Text;
        var cut = TemplateText.Between(text, 0, (int)kept);
        return TemplateValue.Like(call.Target, (call.Flag(1) ? cut : TemplateSplit.FromEnd(cut, " ", 1)[0]) + end);
    }

    private static object Format(TemplateCall call)
    {
        var (positional, named) = (call.More.Positional, call.More.Named);
        if (positional.Count > 0 && named.Count > 0)
            throw new TemplateError("format takes values with names or without, not both.");
        object values = new TemplateTuple(positional);
        if (named.Count > 0)
        {
            var entries = new TemplateMapping();
            foreach (var (name, value) in named)
                entries[new TemplateKey(name)] = value;
            values = entries;
        }

        return TemplateValue.Like(call.Target, TemplatePercent.Fill(call.Text, values, call.Target is TemplateMarkup));
    }

    /// <summary>A value's <c>repr</c> with sorted keys; only what fits a line.</summary>
    private static string Pretty(object? value)
    {
        var text = TemplatePrint.Represent(WithSortedKeys(value));
        return TemplateText.Length(text) <= PrettyWidth
            ? text
            : throw new TemplateError($"pprint is supported up to {PrettyWidth} characters.");
    }

    private static object? WithSortedKeys(object? value)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        TemplateRun.Charge(1);
        switch (value)
        {
            case TemplateTuple tuple:
                return new TemplateTuple(tuple.Select(WithSortedKeys));
            case List<object?> items:
                return items.Select(WithSortedKeys).ToList();
            case TemplateMapping entries:
                var sorted = new TemplateMapping();
                foreach (var key in TemplateOrder.Sorted(entries.Keys.Select(key => key.Value), key => key, false))
                    sorted[new TemplateKey(key)] = WithSortedKeys(entries[new TemplateKey(key)]);
                return sorted;
            default:
                return value;
        }
    }

    /// <summary>Without tags and comments, the blanks between words one each, entities as their
    /// characters.</summary>
    private static string StripTags(string text)
    {
        text = WithoutSpans(WithoutSpans(text, "<!--", "-->"), "<", ">");
        var line = string.Join(' ', TemplateSplit.FromStart(text, null, -1));
        if (line.Contains('&', StringComparison.Ordinal))
            throw new TemplateError("striptags is supported for texts without '&'.");
        return line;
    }

    private static string WithoutSpans(string text, string open, string close)
    {
        while (text.IndexOf(open, StringComparison.Ordinal) is >= 0 and var start)
        {
            TemplateRun.Charge(text.Length);
            var end = text.IndexOf(close, start, StringComparison.Ordinal);
            if (end < 0)
                break;
            text = text.Remove(start, end + close.Length - start);
        }

        return text;
    }

    private static string UrlEncode(object? value)
    {
        if (TemplateValue.AsText(value) is not null || !TemplateValue.IsIterable(value))
            return TemplateHtml.Quote(value, forQuery: false);
        var pairs = value is TemplateMapping entries
            ? entries.Select(entry => (entry.Key.Value, entry.Value))
            : TemplateValue.Iterate(value).Select(Pair);
        return TemplateText.Join(
            "&",
            [.. pairs.Select(pair => $"{TemplateHtml.Quote(pair.Item1, true)}={TemplateHtml.Quote(pair.Item2, true)}")]
        );
    }

    private static (object?, object?) Pair(object? item) =>
        TemplateValue.Iterate(item).ToList() is [var key, var value]
            ? (key, value)
            : throw new TemplateError("urlencode takes pairs of key and value.");

    private static string XmlAttributes(object? value, bool spaces)
    {
        if (value is not TemplateMapping entries)
            throw TemplateValue.Wrong("take the items of", value);
        var parts = new List<string>();
        foreach (var (key, item) in entries.Where(entry => entry.Value is not (null or Undefined)))
        {
            var name =
                TemplateValue.AsText(key.Value) ?? throw TemplateValue.Wrong("take as an attribute's name", key.Value);
            if (name.AsSpan().ContainsAny(NotInNames))
                throw new TemplateError($"{JsonField.Shown(name)} cannot be the name of an attribute.");
            parts.Add($"{TemplateHtml.Escaped(key.Value).Text}=\"{TemplateHtml.Escaped(item).Text}\"");
        }

        return (spaces && parts.Count > 0 ? " " : "") + TemplateText.Join(" ", parts);
    }
}
