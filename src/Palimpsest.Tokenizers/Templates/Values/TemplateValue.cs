using System.Globalization;
using System.Text.Json;

namespace Palimpsest.Tokenizers;

/// <summary>
/// Python's view of values: null, bool, long, double, string, <see cref="TemplateMarkup"/>, List&lt;object?&gt;,
/// <see cref="TemplateTuple"/>, <see cref="TemplateMapping"/>, <see cref="TemplateRange"/>,
/// <see cref="TemplateView"/>, <see cref="TemplateGenerator"/>, <see cref="TemplateObject"/> and
/// <see cref="Undefined"/>.
/// </summary>
internal static class TemplateValue
{
    public static object? FromJson(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => FromObject(element),
            JsonValueKind.Array => element.EnumerateArray().Select(FromJson).ToList(),
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => FromNumber(element),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    private static TemplateMapping FromObject(JsonElement element)
    {
        var entries = new TemplateMapping();
        foreach (var property in element.EnumerateObject())
            entries[new TemplateKey(property.Name)] = FromJson(property.Value);
        return entries;
    }

    private static object FromNumber(JsonElement element)
    {
        if (element.TryGetInt64(out var whole))
            return whole;
        var text = element.GetRawText();
        return text.AsSpan().ContainsAny('.', 'e', 'E')
            ? element.GetDouble()
            : throw new InputException($"Chat template: the number {JsonField.Shown(text)} is too large.");
    }

    /// <summary>A text, escaped or not, else null.</summary>
    public static string? AsText(object? value) =>
        value switch
        {
            string text => text,
            TemplateMarkup markup => markup.Text,
            _ => null,
        };

    /// <summary>What became of a text: escaped if that was.</summary>
    public static object Like(object? source, string text) =>
        source is TemplateMarkup ? new TemplateMarkup(text) : text;

    public static bool IsTrue(object? value) =>
        value switch
        {
            null or Undefined => false,
            bool flag => flag,
            long whole => whole != 0,
            double number => number != 0,
            string text => text.Length > 0,
            TemplateMarkup markup => markup.Text.Length > 0,
            List<object?> items => items.Count > 0,
            TemplateMapping entries => entries.Count > 0,
            TemplateRange range => range.Count > 0,
            TemplateView view => view.Count > 0,
            _ => true,
        };

    public static string Show(object? value) =>
        value switch
        {
            string text => text,
            TemplateMarkup markup => markup.Text,
            Undefined => "",
            _ => TemplatePrint.Represent(value),
        };

    /// <summary>A number or truth value as a number, else null.</summary>
    public static double? Number(object? value) =>
        value switch
        {
            bool flag => flag ? 1 : 0,
            long whole => whole,
            double number => number,
            _ => null,
        };

    public static long Whole(object? value) =>
        value switch
        {
            long whole => whole,
            bool flag => flag ? 1 : 0,
            Undefined missing => throw Missing(missing),
            _ => throw Wrong("take as a whole number", value),
        };

    /// <summary>Number of items or characters.</summary>
    public static long Count(object? value) =>
        value switch
        {
            List<object?> items => items.Count,
            TemplateMapping entries => entries.Count,
            TemplateRange range => range.Count,
            TemplateView view => view.Count,
            TemplateLoop loop => loop.Length,
            Undefined => 0,
            _ => AsText(value) is { } text ? TemplateText.Length(text) : throw Wrong("count the items of", value),
        };

    /// <summary>The items of a value, or the characters of a text; those of a generator once only.</summary>
    public static IEnumerable<object?> Iterate(object? value) =>
        TemplateRun.Charged(value) switch
        {
            List<object?> items => items,
            TemplateMapping entries => entries.Keys.Select(key => key.Value),
            TemplateRange range => range.Items,
            TemplateView view => view.Items,
            TemplateGenerator generator => generator.Rest(),
            Undefined => [],
            _ => AsText(value) is { } text ? TemplateText.Characters(text) : throw Wrong("iterate over", value),
        };

    /// <summary>Whether a value can be iterated over.</summary>
    public static bool IsIterable(object? value) =>
        value
            is string
                or TemplateMarkup
                or List<object?>
                or TemplateMapping
                or TemplateRange
                or TemplateView
                or TemplateGenerator
                or Undefined
                or TemplateLoop;

    public static bool Contains(object? container, object? item)
    {
        if (AsText(container) is { } text)
        {
            TemplateRun.Charge(text.Length);
            return AsText(item) is { } part
                ? text.Contains(part, StringComparison.Ordinal)
                : throw Wrong("look in a text for", item);
        }

        return container switch
        {
            TemplateMapping entries => entries.ContainsKey(TemplateKey.From(item)),
            Undefined => false,
            _ => Iterate(container).Any(other => TemplateOrder.AreEqual(other, item)),
        };
    }

    public static TemplateError Wrong(string action, object? value) =>
        value is Undefined missing ? Missing(missing) : new($"cannot {action} {Kind(value)}.");

    public static TemplateError Missing(Undefined missing) =>
        new($"{JsonField.Shown(missing.Name)} {missing.Reason ?? "is undefined"}.");

    public static string Kind(object? value) =>
        value switch
        {
            null => "none",
            Undefined missing => $"{JsonField.Shown(missing.Name)}, which is undefined",
            string or TemplateMarkup => "a text",
            bool => "a truth value",
            long or double => string.Create(CultureInfo.InvariantCulture, $"the number {value}"),
            TemplateTuple => "a tuple",
            List<object?> => "a list",
            TemplateMapping => "a mapping",
            TemplateRange => "a range",
            TemplateView => "a mapping's view",
            TemplateGenerator => "a generator",
            TemplateObject target => target.Kind,
            _ => "a value of another kind",
        };
}
