using System.Globalization;

namespace Palimpsest.Tokenizers;

/// <summary>How one value is written: what stands after the colon of <c>'{:>8.2f}'</c>, or between <c>%</c> and its
/// letter.</summary>
internal sealed record TemplateFormatSpec
{
    /// <summary>What fills up to the width.</summary>
    public string Fill { get; init; } = " ";

    /// <summary><c>&lt;</c>, <c>&gt;</c>, <c>^</c>, <c>=</c>, or null for the value's own.</summary>
    public char? Align { get; init; }

    /// <summary><c>+</c>, a blank or <c>-</c>.</summary>
    public char Sign { get; init; } = '-';

    /// <summary>Whether the sign was asked for.</summary>
    public bool HasSign { get; init; }

    /// <summary>Whether the other form is asked for: prefixes, kept zeros.</summary>
    public bool IsAlternate { get; init; }

    /// <summary>Least width in characters.</summary>
    public int Width { get; init; }

    /// <summary>Between groups of digits, or null.</summary>
    public char? Grouping { get; init; }

    /// <summary>Digits or characters, or null for the type's own.</summary>
    public int? Precision { get; init; }

    /// <summary>The type's letter, or null.</summary>
    public char? Type { get; init; }

    /// <summary>Reads Python's format specification.</summary>
    public static TemplateFormatSpec Parse(string text)
    {
        var (fill, align, at) = ReadAlign(text);
        var hasSign = at < text.Length && text[at] is '+' or '-' or ' ';
        var sign = hasSign ? text[at++] : '-';
        var isAlternate = Take(text, ref at, '#');
        if (Take(text, ref at, '0'))
            (fill, align) = (fill ?? "0", align ?? '=');
        var width = ReadNumber(text, ref at) ?? 0;
        char? grouping = null;
        if (at < text.Length && text[at] is ',' or '_')
            grouping = text[at++];
        int? precision = null;
        if (Take(text, ref at, '.'))
            precision = ReadNumber(text, ref at) ?? throw Wrong(text);
        char? type = at < text.Length ? text[at++] : null;
        if (at < text.Length || (grouping is not null && type is 'n' or 's' or 'c'))
            throw Wrong(text);
        return new TemplateFormatSpec
        {
            Fill = fill ?? " ",
            Align = align,
            Sign = sign,
            HasSign = hasSign,
            IsAlternate = isAlternate,
            Width = width,
            Grouping = grouping,
            Precision = precision,
            Type = type,
        };
    }

    /// <summary>Fills up to the width.</summary>
    public string Pad(string sign, string body, char ownAlign)
    {
        var missing = Width - TemplateText.Length(sign) - TemplateText.Length(body);
        if (missing <= 0)
            return sign + body;
        TemplateRun.CheckLength((long)missing * Fill.Length);
        string Filled(int count) => string.Concat(Enumerable.Repeat(Fill, count));
        return (Align ?? ownAlign) switch
        {
            '<' => sign + body + Filled(missing),
            '^' => Filled(missing / 2) + sign + body + Filled(missing - (missing / 2)),
            '=' => sign + Filled(missing) + body,
            _ => Filled(missing) + sign + body,
        };
    }

    private static (string? Fill, char? Align, int At) ReadAlign(string text)
    {
        static bool IsAlign(string text, int at) => at < text.Length && text[at] is '<' or '>' or '^' or '=';
        var first = text.Length > 1 && char.IsSurrogatePair(text[0], text[1]) ? 2 : 1;
        if (IsAlign(text, first))
            return (text[..first], text[first], first + 1);
        return IsAlign(text, 0) ? (null, text[0], 1) : (null, null, 0);
    }

    private static bool Take(string text, ref int at, char sign)
    {
        if (at >= text.Length || text[at] != sign)
            return false;
        at++;
        return true;
    }

    private static int? ReadNumber(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        if (at == start)
            return null;
        return int.TryParse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong(text);
    }

    private static TemplateError Wrong(string text) =>
        new($"the format {JsonField.Shown(text)} is not one of Python's.");
}
