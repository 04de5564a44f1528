using System.Globalization;
using System.Text;

namespace Palimpsest.Models;

/// <summary>Values as Python prints them and as its json module writes them.</summary>
internal static class TemplateJson
{
    /// <summary>Python's <c>repr</c>; of None, True and numbers also its <c>str</c>.</summary>
    public static string Represent(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long whole => whole.ToString(CultureInfo.InvariantCulture),
        double number => Number(number),
        string text => Quote(text),
        Undefined => "",
        List<object?> items => $"[{string.Join(", ", items.Select(Represent))}]",
        Dictionary<string, object?> entries => $"{{{string.Join(", ", entries.Select(e => $"{Quote(e.Key)}: {Represent(e.Value)}"))}}}",
        TemplateNamespace => "<Namespace>",
        _ => "<function>",
    };

    /// <summary>JSON with Python's separators; other than ASCII characters stay as they are.</summary>
    public static string Write(object? value, int? indent)
    {
        var text = new StringBuilder();
        Write(value, indent, 0, text);
        return text.ToString();
    }

    private static string Number(double number) => number == Math.Floor(number) && Math.Abs(number) < 1e16
        ? number.ToString("F1", CultureInfo.InvariantCulture)
        : number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);

    private static string Quote(string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);
        return $"{quote}{(quote == '\'' ? escaped.Replace("'", "\\'", StringComparison.Ordinal) : escaped)}{quote}";
    }

    private static void Write(object? value, int? indent, int depth, StringBuilder text)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case string s:
                Escape(s, text);
                break;
            case List<object?> items:
                Group('[', ']', [.. items.Select(item => (Action)(() => Write(item, indent, depth + 1, text)))], indent, depth, text);
                break;
            case Dictionary<string, object?> entries:
                Group('{', '}', [.. entries.Select(entry => (Action)(() =>
                {
                    Escape(entry.Key, text);
                    text.Append(": ");
                    Write(entry.Value, indent, depth + 1, text);
                }))], indent, depth, text);
                break;
            case long or double:
                text.Append(Represent(value));
                break;
            default:
                throw TemplateValue.Wrong("write as JSON", value);
        }
    }

    private static void Group(char open, char close, IReadOnlyList<Action> items, int? indent, int depth, StringBuilder text)
    {
        text.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                text.Append(indent is null ? ", " : ",");
            if (indent is { } width)
                text.Append('\n').Append(' ', width * (depth + 1));
            items[i]();
        }

        if (indent is { } outer && items.Count > 0)
            text.Append('\n').Append(' ', outer * depth);
        text.Append(close);
    }

    private static void Escape(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
