using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary><c>'{} {0:>5} {name!r}'.format(…)</c>.</summary>
internal sealed class TemplateFormat(TemplateArguments arguments, bool escapes)
{
    private int _next;
    private bool _countsItself;
    private bool _isNumbered;

    /// <summary>Fills a format's braces; where <paramref name="escapes"/>, with texts that HTML shows as they
    /// are.</summary>
    public static string Fill(string format, TemplateArguments arguments, bool escapes) =>
        new TemplateFormat(arguments, escapes).Fill(format, depth: 0);

    /// <summary>One value in a format's form.</summary>
    public static string Write(object? value, string spec)
    {
        if (spec.Length == 0)
            return TemplateValue.Show(value);
        var form = TemplateFormatSpec.Parse(spec);
        if (TemplateValue.AsText(value) is { } text)
            return WriteText(text, form);
        return value switch
        {
            bool flag when form.Type is null && form.Precision is null => TemplateNumberFormat.Whole(
                flag ? 1 : 0,
                form
            ),
            bool or long when form.Type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%' => TemplateNumberFormat.Real(
                (double)TemplateValue.Number(value)!,
                form
            ),
            bool flag => TemplateNumberFormat.Whole(flag ? 1 : 0, form),
            long whole => TemplateNumberFormat.Whole(whole, form),
            double number => TemplateNumberFormat.Real(number, form),
            Undefined missing => throw TemplateValue.Missing(missing),
            _ => throw TemplateValue.Wrong($"format with {JsonField.Shown(spec)}", value),
        };
    }

    private static string WriteText(string text, TemplateFormatSpec form)
    {
        if (form.Type is not (null or 's') || form.Grouping is not null || form.IsAlternate || form.HasSign)
            throw new TemplateError("a format of numbers does not fit a text.");
        if (form is { Align: '=', Fill: not "0" })
            throw new TemplateError("a text cannot be aligned with '='.");
        var cut = form.Precision is { } most && TemplateText.Length(text) > most;
        var shown = cut ? TemplateText.Between(text, 0, form.Precision!.Value) : text;
        return (form.Align == '=' ? form with { Align = '<' } : form).Pad("", shown, '<');
    }

    private string Fill(string format, int depth)
    {
        if (depth > 1)
            throw new TemplateError("a format's braces nest too deep.");
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c is not ('{' or '}'))
            {
                text.Append(c);
                continue;
            }

            if (i + 1 < format.Length && format[i + 1] == c && depth == 0)
            {
                text.Append(c);
                i++;
                continue;
            }

            if (c == '}')
                throw new TemplateError("a format has a '}' alone.");
            var end = Closing(format, i);
            var part = Field(format[(i + 1)..end], depth);
            TemplateRun.CheckLength(part.Length);
            text.Append(part);
            i = end;
        }

        return text.ToString();
    }

    private static int Closing(string format, int open)
    {
        var depth = 0;
        for (var i = open; i < format.Length; i++)
        {
            if (format[i] == '{')
                depth++;
            else if (format[i] == '}' && --depth == 0)
                return i;
        }

        throw new TemplateError("a format's brace is not closed.");
    }

    private string Field(string field, int depth)
    {
        var bracket = false;
        var end = 0;
        for (; end < field.Length && (bracket || field[end] is not (':' or '!')); end++)
            bracket = field[end] == '[' || (bracket && field[end] != ']');
        var value = Look(field[..end]);
        var rest = field[end..];
        if (rest.StartsWith('!'))
        {
            if (rest.Length < 2 || (rest.Length > 2 && rest[2] != ':'))
                throw new TemplateError("a format has a wrong conversion.");
            value = Converted(rest[1], value);
            rest = rest[2..];
        }

        var spec = rest.Length > 0 ? Fill(rest[1..], depth + 1) : "";
        if (escapes && value is TemplateMarkup markup)
        {
            return spec.Length == 0
                ? markup.Text
                : throw new TemplateError("an escaped text takes no format of its own.");
        }

        var written = Write(value, spec);
        return escapes ? TemplateHtml.Escape(written) : written;
    }

    private static string Converted(char conversion, object? value) =>
        conversion switch
        {
            's' => TemplateValue.Show(value),
            'r' => TemplatePrint.Represent(value),
            'a' => TemplatePrint.Ascii(value),
            _ => throw new TemplateError($"a format does not know the conversion '!{conversion}'."),
        };

    private object? Look(string name)
    {
        var end = name.AsSpan().IndexOfAny('.', '[');
        var first = end < 0 ? name : name[..end];
        if (first.Length == 0 && name.Length > 0)
            throw Lacks();
        var value = First(first);
        for (var at = first.Length; at < name.Length; )
        {
            var isMember = name[at] == '.';
            var stop = isMember ? name.AsSpan(at + 1).IndexOfAny('.', '[') : name.AsSpan(at + 1).IndexOf(']');
            if (stop < 0 && !isMember)
                throw new TemplateError("a format's bracket is not closed.");
            var part = stop < 0 ? name[(at + 1)..] : name.Substring(at + 1, stop);
            if (part.Length == 0)
                throw new TemplateError("a format names an empty attribute.");
            value = isMember ? TemplateMembers.Member(value, part) : TemplateMembers.Item(value, Key(part));
            at += part.Length + (isMember ? 1 : 2);
        }

        return value;
    }

    private object? First(string name)
    {
        if (name.Length == 0 || name.All(char.IsAsciiDigit))
        {
            _countsItself |= name.Length == 0;
            _isNumbered |= name.Length > 0;
            if (_countsItself && _isNumbered)
                throw new TemplateError("a format has numbered and unnumbered braces.");
        }

        var index = name.Length == 0 ? _next++ : IndexOf(name);
        if (index >= 0 ? index < arguments.Positional.Count : arguments.Named.ContainsKey(name))
            return index >= 0 ? arguments.Positional[index] : arguments.Named[name];
        throw Lacks();
    }

    private static TemplateError Lacks() => new("a format lacks a value.");

    private static object Key(string part) => IndexOf(part) is >= 0 and var index ? (long)index : part;

    private static int IndexOf(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : -1;
}
