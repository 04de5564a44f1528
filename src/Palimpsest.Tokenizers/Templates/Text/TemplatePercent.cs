using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary><c>'%s of %5.1f, %(name)s' % values</c>.</summary>
internal sealed class TemplatePercent
{
    private readonly string _format;
    private readonly object? _values;
    private readonly bool _escapes;
    private int _at;
    private int _next;

    private TemplatePercent(string format, object? values, bool escapes) =>
        (_format, _values, _escapes) = (format, values, escapes);

    /// <summary>Fills a format with a tuple's items, a mapping's entries or one value.</summary>
    public static string Fill(string format, object? values, bool escapes) =>
        new TemplatePercent(format, values, escapes).Fill();

    private string Fill()
    {
        var text = new StringBuilder();
        while (_at < _format.Length)
        {
            if (_format[_at] != '%')
            {
                text.Append(_format[_at++]);
                continue;
            }

            _at++;
            var part = Part();
            TemplateRun.CheckLength(part.Length);
            text.Append(part);
        }

        var isLookedInto = _values is TemplateMapping or TemplateRange or List<object?> and not TemplateTuple;
        var given = _values is TemplateTuple tuple ? tuple.Count : 1;
        return isLookedInto || _next >= given
            ? text.ToString()
            : throw new TemplateError("a format has too many values.");
    }

    private string Part()
    {
        var start = _at;
        object? keyed = null;
        var hasKey = _at < _format.Length && _format[_at] == '(';
        if (hasKey)
            keyed = TakeKey();
        var spec = TakeFlags();
        spec = TakeWidth(spec);
        while (_at < _format.Length && _format[_at] is 'h' or 'l' or 'L')
            _at++;
        if (_at >= _format.Length)
            throw new TemplateError("a format ends within a '%'.");
        var letter = _format[_at++];
        if (letter != '%')
            return Write(letter, spec, hasKey ? keyed : Next());
        return _at == start + 1 ? "%" : throw new TemplateError("a format has something between two '%'.");
    }

    private object? TakeKey()
    {
        var depth = 1;
        var start = ++_at;
        for (; _at < _format.Length && depth > 0; _at++)
            depth += ParenthesisAt(_at);
        if (depth > 0)
            throw new TemplateError("a format's parenthesis is not closed.");
        if (_values is not TemplateMapping mapping)
            throw new TemplateError("a format with names takes a mapping.");
        var name = _format[start..(_at - 1)];
        return mapping.TryGetValue(new TemplateKey(name), out var value)
            ? value
            : throw new TemplateError($"a format lacks the value {JsonField.Shown(name)}.");
    }

    private int ParenthesisAt(int at)
    {
        if (_format[at] == '(')
            return 1;
        return _format[at] == ')' ? -1 : 0;
    }

    private TemplateFormatSpec TakeFlags()
    {
        var spec = new TemplateFormatSpec();
        for (; _at < _format.Length && _format[_at] is '-' or '+' or ' ' or '#' or '0'; _at++)
        {
            spec = _format[_at] switch
            {
                '-' => spec with { Align = '<' },
                '+' => spec with { Sign = '+' },
                ' ' => spec.Sign == '+' ? spec : spec with { Sign = ' ' },
                '#' => spec with { IsAlternate = true },
                _ => spec with { Fill = "0" },
            };
        }

        return spec;
    }

    private TemplateFormatSpec TakeWidth(TemplateFormatSpec spec)
    {
        var width = TakeNumber() ?? 0;
        if (width < 0)
            spec = spec with { Align = '<' };
        spec = spec with { Width = (int)Math.Min(Math.Abs((long)width), ChatTemplate.MostCharacters + 1L) };
        if (_at >= _format.Length || _format[_at] != '.')
            return spec;
        _at++;
        return spec with { Precision = Math.Max(0, TakeNumber() ?? 0) };
    }

    private int? TakeNumber()
    {
        if (_at < _format.Length && _format[_at] == '*')
        {
            _at++;
            return (int)Math.Clamp(TemplateValue.Whole(Next()), int.MinValue, int.MaxValue);
        }

        var start = _at;
        while (_at < _format.Length && char.IsAsciiDigit(_format[_at]))
            _at++;
        if (_at == start)
            return null;
        return int.TryParse(_format.AsSpan(start, _at - start), CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new TemplateError("a format's width is too large.");
    }

    private object? Next()
    {
        if (_values is TemplateTuple tuple)
            return _next < tuple.Count ? tuple[_next++] : throw Lacks();
        return _next++ == 0 ? _values : throw Lacks();
    }

    private string Write(char letter, TemplateFormatSpec spec, object? value)
    {
        switch (letter)
        {
            case 's' or 'r' or 'a':
                return WriteText(letter, spec, value);
            case 'c':
                var character = value is long scalar
                    ? TemplateNumberFormat.Character(scalar)
                    : TemplateValue.AsText(value);
                if (character is null || TemplateText.Length(character) != 1)
                    throw TemplateValue.Wrong("format as one character", value);
                return (spec with { Fill = " " }).Pad("", character, '>');
            case 'd' or 'i' or 'u':
                return WriteDigits('d', spec, Truncated(value));
            case 'x' or 'X' or 'o':
                return WriteDigits(letter, spec, TemplateValue.Whole(value));
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                var number = TemplateValue.Number(value) ?? throw TemplateValue.Wrong("format as a number", value);
                return TemplateNumberFormat.Real(number, Filled(spec) with { Type = letter });
            default:
                throw new TemplateError($"a format does not know '%{letter}'.");
        }
    }

    private string WriteText(char letter, TemplateFormatSpec spec, object? value)
    {
        var isMarkup = letter == 's' && value is TemplateMarkup;
        var text = letter switch
        {
            's' => TemplateValue.Show(value),
            'r' => TemplatePrint.Represent(value),
            _ => TemplatePrint.Ascii(value),
        };
        if (_escapes && !isMarkup)
            text = TemplateHtml.Escape(text);
        if (spec.Precision is { } most && TemplateText.Length(text) > most)
            text = TemplateText.Between(text, 0, most);
        return (spec with { Fill = " " }).Pad("", text, '>');
    }

    private static string WriteDigits(char letter, TemplateFormatSpec spec, long value)
    {
        var plain = new TemplateFormatSpec { Type = letter };
        var digits = TemplateNumberFormat.Whole(value, plain).TrimStart('-');
        if (spec.Precision is { } least)
        {
            TemplateRun.CheckLength(least);
            digits = digits.PadLeft(least, '0');
        }

        var prefix = spec.IsAlternate && letter != 'd' ? $"0{letter}" : "";
        return Filled(spec).Pad(TemplateNumberFormat.SignOf(value < 0, spec.Sign) + prefix, digits, '>');
    }

    /// <summary>Zeros come between sign and digits, unless the digits stand at the left.</summary>
    private static TemplateFormatSpec Filled(TemplateFormatSpec spec)
    {
        if (spec.Fill != "0")
            return spec;
        return spec.Align == '<' ? spec with { Fill = " " } : spec with { Align = '=' };
    }

    private static long Truncated(object? value)
    {
        if (value is not double number)
            return TemplateValue.Whole(value);
        return Math.Abs(number) < 9e18 ? (long)number : throw TemplateValue.Wrong("format as a whole number", value);
    }

    private static TemplateError Lacks() => new("a format lacks a value.");
}
