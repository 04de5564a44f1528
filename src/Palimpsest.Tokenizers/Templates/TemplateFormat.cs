using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>Python's two ways to put values into a text, without widths and precisions.</summary>
internal static class TemplateFormat
{
    /// <summary><c>'%s of %d' % (a, b)</c>.</summary>
    public static string Percent(string format, IReadOnlyList<object?> values)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            var code = ++i < format.Length ? format[i] : '\0';
            var part = code == '%' ? "%" : Value(code, next < values.Count ? values[next++] : throw Lacks());
            TemplateRun.Charge(part.Length);
            text.Append(part);
        }

        return next == values.Count
            ? text.ToString()
            : throw new InputException("Chat template: a format has too many values.");
    }

    /// <summary><c>'{} {0} {name}'.format(…)</c>.</summary>
    public static string Braces(string format, TemplateArguments arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            var isDouble = i + 1 < format.Length && format[i + 1] == format[i];
            if (format[i] is '{' or '}' && isDouble)
            {
                text.Append(format[i++]);
                continue;
            }

            if (format[i] != '{')
            {
                text.Append(format[i]);
                continue;
            }

            var end = format.IndexOf('}', i);
            if (end < 0)
                throw new InputException("Chat template: a format's brace is not closed.");
            var name = format[(i + 1)..end];
            i = end;
            var index =
                name.Length == 0 ? next++
                : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given
                : -1;
            var part = TemplateValue.Show(arguments.Find(index, name, out var value) ? value : throw Lacks());
            TemplateRun.Charge(part.Length);
            text.Append(part);
        }

        return text.ToString();
    }

    private static string Value(char code, object? value) =>
        code switch
        {
            's' => TemplateValue.Show(value),
            'r' => TemplatePrint.Represent(value),
            'd' or 'i' => TemplatePrint.Represent(
                (long)Math.Truncate(TemplateValue.Number(value) ?? throw TemplateValue.Wrong("format", value))
            ),
            _ => throw new InputException("Chat template: a format knows %s, %r, %d and %%."),
        };

    private static InputException Lacks() => new("Chat template: a format lacks a value.");
}
