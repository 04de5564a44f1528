using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace Palimpsest.Tokenizers;

/// <summary>A name that stands for nothing: empty when shown, an error when looked into.</summary>
internal sealed record Undefined(string Name);

/// <summary>A list that prints with parentheses.</summary>
internal sealed class TemplateTuple : List<object?>;

/// <summary>What <c>namespace()</c> gives: members can be set from inner scopes.</summary>
internal sealed class TemplateNamespace
{
    public Dictionary<string, object?> Members { get; } = [];
}

/// <summary>Arguments of a call.</summary>
internal sealed record TemplateArguments(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    private static readonly TemplateArguments Empty = new([], new Dictionary<string, object?>());

    public static TemplateArguments None(TemplateScope scope) => Empty;

    public bool Find(int index, string name, out object? value)
    {
        if (index >= 0 && index < Positional.Count)
        {
            value = Positional[index];
            return true;
        }

        return Named.TryGetValue(name, out value);
    }

    public object? Get(int index, string name, object? absent = null) =>
        Find(index, name, out var value) ? value : absent;
}

/// <summary>Something that can be called.</summary>
internal sealed class TemplateFunction(Func<TemplateScope, TemplateArguments, object?> call)
{
    public object? Call(TemplateScope scope, TemplateArguments arguments) => call(scope, arguments);
}

/// <summary>
/// Python's view of values: null, bool, long, double, string, List&lt;object?&gt;, Dictionary&lt;string, object?&gt;,
/// namespaces, functions and <see cref="Undefined"/>.
/// </summary>
internal static class TemplateValue
{
    public static object? FromJson(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => FromObject(element),
            JsonValueKind.Array => element.EnumerateArray().Select(FromJson).ToList(),
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => element.TryGetInt64(out var whole) ? (object)whole : element.GetDouble(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    private static Dictionary<string, object?> FromObject(JsonElement element)
    {
        var entries = new Dictionary<string, object?>();
        foreach (var property in element.EnumerateObject())
            entries[property.Name] = FromJson(property.Value);
        return entries;
    }

    public static bool IsTrue(object? value) =>
        value switch
        {
            null or Undefined => false,
            bool flag => flag,
            long whole => whole != 0,
            double number => number != 0,
            string text => text.Length > 0,
            ICollection items => items.Count > 0,
            _ => true,
        };

    public static string Show(object? value) =>
        value switch
        {
            string text => text,
            Undefined => "",
            _ => TemplatePrint.Represent(value),
        };

    public static bool AreEqual(object? a, object? b) =>
        (a, b) switch
        {
            (null, null) => true,
            (Undefined, Undefined) => true,
            (string x, string y) => x == y,
            (List<object?> x, List<object?> y) => x.Count == y.Count && AreEqual(x, y),
            (Dictionary<string, object?> x, Dictionary<string, object?> y) => x.Count == y.Count && AreEqual(x, y),
            _ => Number(a) is { } m && Number(b) is { } n ? m == n : ReferenceEquals(a, b),
        };

    private static bool AreEqual(List<object?> x, List<object?> y)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        TemplateRun.Charge(x.Count);
        return x.Zip(y).All(pair => AreEqual(pair.First, pair.Second));
    }

    private static bool AreEqual(Dictionary<string, object?> x, Dictionary<string, object?> y)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        TemplateRun.Charge(x.Count);
        return x.All(entry => y.TryGetValue(entry.Key, out var other) && AreEqual(entry.Value, other));
    }

    public static int Compare(object? a, object? b) =>
        (a, b) switch
        {
            (string x, string y) => string.CompareOrdinal(x, y),
            _ when Number(a) is { } m && Number(b) is { } n => m.CompareTo(n),
            _ => throw new InputException($"Chat template: {Kind(a)} and {Kind(b)} have no order."),
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

    public static bool Contains(object? container, object? item) =>
        TemplateRun.Charged(container) switch
        {
            string text => item is string part
                ? text.Contains(part, StringComparison.Ordinal)
                : throw Wrong("in", item),
            Dictionary<string, object?> entries => item is string key && entries.ContainsKey(key),
            Undefined => false,
            _ => Iterate(container).Any(other => AreEqual(other, item)),
        };

    public static IEnumerable<object?> Iterate(object? value) =>
        TemplateRun.Charged(value) switch
        {
            List<object?> items => items,
            Dictionary<string, object?> entries => entries.Keys,
            string text => Scalars(text),
            Undefined => [],
            _ => throw Wrong("iterate over", value),
        };

    /// <summary>The characters of a text, as Python counts them.</summary>
    private static List<object?> Scalars(string text)
    {
        TemplateRun.Charge(text.Length);
        return [.. text.EnumerateRunes().Select(rune => (object?)rune.ToString())];
    }

    public static object? Member(object? target, string name) =>
        target switch
        {
            Dictionary<string, object?> when TemplateMethods.Find(target, name) is { } method => method,
            Dictionary<string, object?> entries when entries.TryGetValue(name, out var value) => value,
            TemplateNamespace space => space.Members.TryGetValue(name, out var value) ? value : new Undefined(name),
            Undefined missing => throw new InputException(
                $"Chat template: {JsonField.Shown(missing.Name)} is undefined."
            ),
            List<object?> items when int.TryParse(name, out var index) => Item(items, (long)index),
            null => new Undefined(name),
            _ => TemplateMethods.Find(target, name) is { } method ? method : new Undefined(name),
        };

    public static object? Item(object? target, object? key) =>
        (target, key) switch
        {
            (Dictionary<string, object?> entries, _) => entries.TryGetValue(Show(key), out var value)
                ? value
                : new Undefined(Show(key)),
            (List<object?> items, long index) => At(index, items.Count) is { } at ? items[at] : new Undefined("item"),
            (string text, long index) => CharacterAt(text, index),
            (_, string name) => Member(target, name),
            (Undefined missing, _) => throw new InputException(
                $"Chat template: {JsonField.Shown(missing.Name)} is undefined."
            ),
            _ => new Undefined("item"),
        };

    private static bool HasOneUnitEach(string text)
    {
        TemplateRun.Charge(1 + (text.Length / 32)); // the search is that much quicker than making text
        return !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');
    }

    private static object? CharacterAt(string text, long index)
    {
        if (HasOneUnitEach(text))
            return At(index, text.Length) is { } unit ? text[unit].ToString() : new Undefined("character");
        var scalars = Scalars(text);
        return At(index, scalars.Count) is { } at ? scalars[at] : new Undefined("character");
    }

    public static object? Slice(object? target, object? start, object? stop, object? step)
    {
        var by = step is null ? 1 : Whole(step);
        if (by == 0)
            throw new InputException("Chat template: a slice's step is 0.");
        if (target is string plain && by == 1 && HasOneUnitEach(plain))
        {
            var (from, to) = (Clamp(start, plain.Length, 0, 1), Clamp(stop, plain.Length, plain.Length, 1));
            return from < to ? plain[(int)from..(int)to] : "";
        }

        var items = target switch
        {
            string text => Scalars(text),
            List<object?> list => list,
            _ => throw Wrong("slice", target),
        };
        var count = items.Count;
        var first = Clamp(start, count, by > 0 ? 0 : count - 1, by);
        var last = Clamp(stop, count, by > 0 ? count : -1, by);
        var places = new List<int>();
        for (var i = first; by > 0 ? i < last : i > last; i += by)
            places.Add((int)i);
        TemplateRun.Charge(places.Count);
        return target is string ? string.Concat(places.Select(i => items[i])) : places.Select(i => items[i]).ToList();
    }

    public static long Whole(object? value) =>
        value switch
        {
            long whole => whole,
            bool flag => flag ? 1 : 0,
            _ => throw Wrong("take as a whole number", value),
        };

    public static InputException Wrong(string action, object? value) =>
        new($"Chat template: cannot {action} {Kind(value)}.");

    private static long Clamp(object? bound, int count, long absent, long step)
    {
        if (bound is null)
            return absent;
        var at = Whole(bound);
        at += at < 0 ? count : 0;
        return step > 0 ? Math.Clamp(at, 0, count) : Math.Clamp(at, -1, count - 1);
    }

    private static int? At(long index, int count)
    {
        index += index < 0 ? count : 0;
        return index >= 0 && index < count ? (int)index : null;
    }

    private static string Kind(object? value) =>
        value switch
        {
            null => "none",
            Undefined missing => $"{JsonField.Shown(missing.Name)}, which is undefined",
            string => "a text",
            bool => "a truth value",
            long or double => string.Create(CultureInfo.InvariantCulture, $"the number {value}"),
            List<object?> => "a list",
            Dictionary<string, object?> => "a mapping",
            _ => "a function",
        };
}
