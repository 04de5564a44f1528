using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>How <c>tojson</c> writes.</summary>
/// <param name="Indent">What a level is indented by, or null for one line.</param>
/// <param name="ItemSeparator">Between items.</param>
/// <param name="KeySeparator">Between key and value.</param>
/// <param name="SortsKeys">Whether keys come in order.</param>
/// <param name="OnlyAscii">Whether other characters are escaped.</param>
internal sealed record TemplateJsonStyle(
    string? Indent,
    string ItemSeparator,
    string KeySeparator,
    bool SortsKeys,
    bool OnlyAscii
)
{
    private const int MostBlanks = 1000;

    /// <summary>The style that the filter's arguments <c>ensure_ascii indent separators sort_keys</c> ask
    /// for.</summary>
    public static TemplateJsonStyle Read(TemplateCall call)
    {
        var indent = TemplateValue.AsText(call[1]);
        if (indent is null && call[1] is not null)
        {
            var blanks = TemplateValue.Whole(call[1]);
            indent =
                blanks <= MostBlanks
                    ? new string(' ', (int)Math.Max(0, blanks))
                    : throw new TemplateError($"an indent of {blanks} is above {MostBlanks}.");
        }

        var (item, key) = (indent is null ? ", " : ",", ": ");
        if (call[2] is List<object?> and [string betweenItems, string betweenKeys])
            (item, key) = (betweenItems, betweenKeys);
        else if (call[2] is not null)
            throw new TemplateError("tojson takes two texts as separators.");
        return new TemplateJsonStyle(indent, item, key, call.Flag(3), call.Flag(0));
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
            case null or bool or long or double:
                _text.Append(Plain(value));
                break;
            case string or TemplateMarkup:
                WriteText(TemplateValue.Show(value));
                break;
            case List<object?> items:
                WriteGroup('[', ']', items, depth, item => Write(item, depth + 1));
                break;
            case TemplateMapping entries:
                WriteGroup('{', '}', Ordered(entries), depth, entry => WriteEntry(entry, depth));
                break;
            default:
                throw TemplateValue.Wrong("write as JSON", value);
        }
    }

    private IEnumerable<(object? Key, object? Value)> Ordered(TemplateMapping entries) =>
        _style.SortsKeys
            ? TemplateOrder
                .Sorted(entries.Keys.Select(key => key.Value), key => key, isDescending: false)
                .Select(key => (key, entries[new TemplateKey(key)]))
            : entries.Select(entry => (entry.Key.Value, entry.Value));

    private void WriteEntry((object? Key, object? Value) entry, int depth)
    {
        WriteText(
            entry.Key switch
            {
                string or TemplateMarkup => TemplateValue.Show(entry.Key),
                null or bool or long or double => Plain(entry.Key),
                _ => throw TemplateValue.Wrong("write as a key of JSON", entry.Key),
            }
        );
        _text.Append(_style.KeySeparator);
        Write(entry.Value, depth + 1);
    }

    private static string Plain(object? value) =>
        value switch
        {
            null => "null",
            bool flag => flag ? "true" : "false",
            double.NaN => "NaN",
            double.PositiveInfinity => "Infinity",
            double.NegativeInfinity => "-Infinity",
            _ => TemplatePrint.Represent(value),
        };

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
        if (_style.Indent is not { } indent)
            return;
        TemplateRun.Charge(1 + ((long)indent.Length * depth));
        _text.Append('\n').Insert(_text.Length, indent, depth);
    }

    private void WriteText(string value)
    {
        TemplateRun.Charge(value.Length);
        _text.Append('"');
        foreach (var c in value)
        {
            if (Escape(c) is { } escape)
                _text.Append(escape);
            else if (c < ' ' || (_style.OnlyAscii && c > '~'))
                _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                _text.Append(c);
        }

        _text.Append('"');
    }

    private static string? Escape(char c) =>
        c switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\b' => "\\b",
            '\f' => "\\f",
            _ => null,
        };
}
