using System.Globalization;

namespace Palimpsest.Tokenizers;

/// <summary>What can stand after <c>|</c>.</summary>
internal static class TemplateFilters
{
    private static readonly Dictionary<string, Func<object?, TemplateArguments, object?>> Filters = new()
    {
        ["trim"] = (v, a) => TemplateMethods.Strip(TemplateValue.Show(v), a.Get(0, "chars")),
        ["upper"] = (v, _) => TemplateValue.Show(v).ToUpperInvariant(),
        ["lower"] = (v, _) => TemplateValue.Show(v).ToLowerInvariant(),
        ["title"] = (v, _) => TemplateMethods.Title(TemplateValue.Show(v)),
        ["capitalize"] = (v, _) => TemplateMethods.Capitalize(TemplateValue.Show(v)),
        ["length"] = (v, _) => Count(v),
        ["count"] = (v, _) => Count(v),
        ["string"] = (v, _) => TemplateValue.Show(v),
        ["safe"] = (v, _) => v,
        ["e"] = (v, _) => Escape(TemplateValue.Show(v)),
        ["escape"] = (v, _) => Escape(TemplateValue.Show(v)),
        ["int"] = (v, a) => ToInteger(v, a.Get(0, "default", 0L)),
        ["float"] = (v, a) => ToNumber(v) ?? a.Get(0, "default", 0.0),
        ["abs"] = (v, _) =>
            v is long whole
                ? (object)(whole == long.MinValue ? throw TemplateValue.Wrong("take abs of", v) : Math.Abs(whole))
                : Math.Abs(TemplateValue.Number(v) ?? throw TemplateValue.Wrong("take abs of", v)),
        ["format"] = (v, a) => TemplateFormat.Percent(TemplateValue.Show(v), a.Positional),
        ["round"] = (v, a) =>
            Math.Round(
                TemplateValue.Number(v) ?? 0,
                (int)Math.Clamp(TemplateValue.Whole(a.Get(0, "precision", 0L)), 0, 15)
            ),
        ["default"] = Default,
        ["d"] = Default,
        ["tojson"] = (v, a) => TemplateJson.Write(v, TemplateJsonStyle.Read(a)),
        ["join"] = Join,
        ["first"] = (v, _) => TemplateValue.Iterate(v).DefaultIfEmpty(new Undefined("first")).First(),
        ["last"] = (v, _) => TemplateValue.Iterate(v).DefaultIfEmpty(new Undefined("last")).Last(),
        ["list"] = (v, _) => TemplateValue.Iterate(v).ToList(),
        ["reverse"] = (v, _) =>
            v is string ? TemplateValue.Slice(v, null, null, -1L) : TemplateValue.Iterate(v).Reverse().ToList(),
        ["unique"] = (v, _) => TemplateValue.Iterate(v).DistinctBy(TemplatePrint.Represent).ToList(),
        ["sort"] = Sort,
        ["sum"] = (v, _) =>
            TemplateValue.Iterate(v).Aggregate((object?)0L, (sum, item) => TemplateArithmetic.Apply("+", sum, item)),
        ["min"] = (v, _) =>
            TemplateValue
                .Iterate(v)
                .DefaultIfEmpty(new Undefined("min"))
                .Aggregate((x, y) => TemplateValue.Compare(y, x) < 0 ? y : x),
        ["max"] = (v, _) =>
            TemplateValue
                .Iterate(v)
                .DefaultIfEmpty(new Undefined("max"))
                .Aggregate((x, y) => TemplateValue.Compare(y, x) > 0 ? y : x),
        ["items"] = (v, _) => v is Undefined ? new List<object?>() : Pairs(v, sorted: false),
        ["dictsort"] = (v, _) => Pairs(v, sorted: true),
        ["replace"] = (v, a) =>
            TemplateMethods.Replace(
                TemplateValue.Show(v),
                TemplateValue.Show(a.Get(0, "old")),
                TemplateValue.Show(a.Get(1, "new")),
                TemplateValue.Whole(a.Get(2, "count", -1L))
            ),
        ["indent"] = Indent,
        ["wordcount"] = (v, _) =>
            (long)TemplateValue.Show(v).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length,
        ["map"] = Map,
        ["select"] = (v, a) => Select(v, a, byAttribute: false, keeps: true),
        ["reject"] = (v, a) => Select(v, a, byAttribute: false, keeps: false),
        ["selectattr"] = (v, a) => Select(v, a, byAttribute: true, keeps: true),
        ["rejectattr"] = (v, a) => Select(v, a, byAttribute: true, keeps: false),
    };

    public static bool Has(string name) => Filters.ContainsKey(name);

    public static object? Apply(string name, object? value, TemplateArguments arguments) =>
        TemplateRun.Charged(Filters[name](TemplateRun.Charged(value), arguments));

    private static long Count(object? value) =>
        value is string text ? text.EnumerateRunes().Count() : TemplateValue.Iterate(value).Count();

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\"", "&#34;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal);

    private static object? Default(object? value, TemplateArguments arguments) =>
        value is Undefined || (TemplateValue.IsTrue(arguments.Get(1, "boolean")) && !TemplateValue.IsTrue(value))
            ? arguments.Get(0, "default_value", "")
            : value;

    private static object? ToInteger(object? value, object? absent) =>
        ToNumber(value) is { } number && Math.Abs(number) < 9e15 ? (long)number : absent;

    private static double? ToNumber(object? value) =>
        value is string text
            ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : null
            : TemplateValue.Number(value);

    private static string Join(object? value, TemplateArguments arguments)
    {
        var items = TemplateValue.Iterate(value);
        if (arguments.Get(1, "attribute") is string attribute)
            items = items.Select(item => Attribute(item, attribute));
        return TemplateMethods.Join(TemplateValue.Show(arguments.Get(0, "d", "")), items);
    }

    private static List<object?> Sort(object? value, TemplateArguments arguments)
    {
        object? Key(object? item) =>
            arguments.Get(2, "attribute") is string attribute ? Attribute(item, attribute) : item;
        var sensitive = TemplateValue.IsTrue(arguments.Get(1, "case_sensitive"));
        var comparer = Comparer<object?>.Create(
            (x, y) =>
                x is string s && y is string t && !sensitive
                    ? string.CompareOrdinal(s.ToLowerInvariant(), t.ToLowerInvariant())
                    : TemplateValue.Compare(x, y)
        );
        var items = TemplateValue.Iterate(value);
        return TemplateValue.IsTrue(arguments.Get(0, "reverse"))
            ? [.. items.OrderByDescending(Key, comparer)]
            : [.. items.OrderBy(Key, comparer)];
    }

    private static List<object?> Pairs(object? value, bool sorted)
    {
        if (value is not Dictionary<string, object?> entries)
            throw TemplateValue.Wrong("take the items of", value);
        IEnumerable<KeyValuePair<string, object?>> all = sorted
            ? entries.OrderBy(e => e.Key, StringComparer.OrdinalIgnoreCase)
            : entries;
        return [.. all.Select(e => (object?)new TemplateTuple { e.Key, e.Value })];
    }

    private static string Indent(object? value, TemplateArguments arguments)
    {
        var prefix = arguments.Get(0, "width", 4L) is string text
            ? text
            : new string(' ', (int)Math.Clamp(TemplateValue.Whole(arguments.Get(0, "width", 4L)), 0, 1000));
        var (first, blank) = (
            TemplateValue.IsTrue(arguments.Get(1, "first")),
            TemplateValue.IsTrue(arguments.Get(2, "blank"))
        );
        var lines = TemplateValue.Show(value).Split('\n');
        TemplateRun.CheckLength((long)lines.Length * prefix.Length);
        return string.Join(
            '\n',
            lines.Select((line, i) => (i == 0 ? first : blank || line.Length > 0) ? prefix + line : line)
        );
    }

    private static List<object?> Map(object? value, TemplateArguments arguments)
    {
        if (!TemplateValue.IsTrue(value))
            return [];
        if (arguments.Named.GetValueOrDefault("attribute") is string attribute)
        {
            var absent = arguments.Named.GetValueOrDefault("default");
            return [.. TemplateValue.Iterate(value).Select(item => OrElse(Attribute(item, attribute), absent))];
        }

        var name = arguments.Get(0, "filter") as string ?? "";
        if (!Has(name))
            throw new InputException($"Chat template: filter '{name}' is not supported.");
        var rest = new TemplateArguments([.. arguments.Positional.Skip(1)], arguments.Named);
        return [.. TemplateValue.Iterate(value).Select(item => Apply(name, item, rest))];
    }

    private static List<object?> Select(object? value, TemplateArguments arguments, bool byAttribute, bool keeps)
    {
        if (!TemplateValue.IsTrue(value))
            return [];
        var attribute = byAttribute ? TemplateValue.Show(arguments.Get(0, "attribute")) : null;
        var skipped = byAttribute ? 1 : 0;
        var test = arguments.Positional.Count > skipped ? TemplateValue.Show(arguments.Positional[skipped]) : null;
        if (test is not null && !TemplatePredicates.Has(test))
            throw new InputException($"Chat template: test '{test}' is not supported.");
        object?[] rest = [.. arguments.Positional.Skip(skipped + 1)];
        return
        [
            .. TemplateValue
                .Iterate(value)
                .Where(item =>
                {
                    var tested = attribute is null ? item : Attribute(item, attribute);
                    return (test is null ? TemplateValue.IsTrue(tested) : TemplatePredicates.Holds(test, tested, rest))
                        == keeps;
                }),
        ];
    }

    private static object? OrElse(object? value, object? absent) =>
        value is Undefined && absent is not null ? absent : value;

    private static object? Attribute(object? item, string path) =>
        path.Split('.').Aggregate(item, TemplateValue.Member);
}
