using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>How <c>tojson</c> writes.</summary>
/// <param name="Indent">Blanks per level, or null for one line.</param>
/// <param name="ItemSeparator">Between items.</param>
/// <param name="KeySeparator">Between key and value.</param>
/// <param name="SortsKeys">Whether keys come in order.</param>
/// <param name="OnlyAscii">Whether other characters are escaped.</param>
internal sealed record TemplateJsonStyle(
    int? Indent,
    string ItemSeparator,
    string KeySeparator,
    bool SortsKeys,
    bool OnlyAscii
)
{
    /// <summary>The style that a filter's arguments ask for.</summary>
    public static TemplateJsonStyle Read(TemplateArguments arguments)
    {
        int? indent =
            arguments.Find(1, "indent", out var width) && width is long blanks ? (int)Math.Clamp(blanks, 0, 16) : null;
        var separators = arguments.Get(2, "separators") as List<object?>;
        if (separators is not (null or [string, string]))
            throw new InputException("Chat template: tojson takes two texts as separators.");
        return new TemplateJsonStyle(
            indent,
            separators is null
                ? indent is null
                    ? ", "
                    : ","
                : (string)separators[0]!,
            separators is null ? ": " : (string)separators[1]!,
            TemplateValue.IsTrue(arguments.Get(3, "sort_keys", false)),
            TemplateValue.IsTrue(arguments.Get(0, "ensure_ascii", false))
        );
    }
}

/// <summary>Writes values as Python's json module does.</summary>
internal sealed class TemplateJson
{
    private readonly StringBuilder _text = new();
    private readonly TemplateJsonStyle _style;

    private TemplateJson(TemplateJsonStyle style) => _style = style;

    /// <summary>The JSON of a value.</summary>
    public static string Write(object? value, TemplateJsonStyle style)
    {
        var writer = new TemplateJson(style);
        writer.Write(value, 0);
        return writer._text.ToString();
    }

    private void Write(object? value, int depth)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        TemplateRun.Charge(2);
        switch (value)
        {
            case null:
                _text.Append("null");
                break;
            case bool flag:
                _text.Append(flag ? "true" : "false");
                break;
            case string text:
                WriteText(text);
                break;
            case long whole:
                _text.Append(CultureInfo.InvariantCulture, $"{whole}");
                break;
            case double number:
                _text.Append(
                    double.IsFinite(number) ? TemplatePrint.Number(number)
                    : double.IsNaN(number) ? "NaN"
                    : number > 0 ? "Infinity"
                    : "-Infinity"
                );
                break;
            case List<object?> items:
                WriteGroup('[', ']', items, depth, item => Write(item, depth + 1));
                break;
            case Dictionary<string, object?> entries:
                var ordered = _style.SortsKeys
                    ? entries.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                    : entries.AsEnumerable();
                WriteGroup(
                    '{',
                    '}',
                    ordered,
                    depth,
                    entry =>
                    {
                        WriteText(entry.Key);
                        _text.Append(_style.KeySeparator);
                        Write(entry.Value, depth + 1);
                    }
                );
                break;
            default:
                throw TemplateValue.Wrong("write as JSON", value);
        }
    }

    private void WriteGroup<T>(char open, char close, IEnumerable<T> items, int depth, Action<T> write)
    {
        _text.Append(open);
        var count = 0;
        foreach (var item in items)
        {
            if (count++ > 0)
                _text.Append(_style.ItemSeparator);
            BreakLine(depth + 1);
            write(item);
        }

        if (count > 0)
            BreakLine(depth);
        _text.Append(close);
    }

    private void BreakLine(int depth)
    {
        if (_style.Indent is not { } width)
            return;
        TemplateRun.Charge(1 + ((long)width * depth));
        _text.Append('\n').Append(' ', width * depth);
    }

    private void WriteText(string value)
    {
        TemplateRun.Charge(value.Length);
        _text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => _text.Append("\\\""),
                '\\' => _text.Append("\\\\"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                '\b' => _text.Append("\\b"),
                '\f' => _text.Append("\\f"),
                _ when c < ' ' || (_style.OnlyAscii && c > '~') => _text.Append(
                    CultureInfo.InvariantCulture,
                    $"\\u{(int)c:x4}"
                ),
                _ => _text.Append(c),
            };
        }

        _text.Append('"');
    }
}
