namespace Palimpsest.Tokenizers;

/// <summary>What stands after a dot or within brackets, as Jinja's sandbox for unchanged values gives it.</summary>
internal static class TemplateMembers
{
    private static readonly HashSet<string> Changing =
    [
        "append",
        "clear",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "update",
    ];

    /// <summary><c>target.name</c>: a method or member, else an entry.</summary>
    public static object? Member(object? target, string name)
    {
        if (target is Undefined missing)
            throw TemplateValue.Missing(missing);
        return target is TemplateObject known ? known.Find(name) : Attribute(target, name) ?? Entry(target, name);
    }

    /// <summary><c>target[key]</c>: an entry or item, else a method or member.</summary>
    public static object? Item(object? target, object? key)
    {
        switch (target)
        {
            case Undefined missing:
                throw TemplateValue.Missing(missing);
            case TemplateMapping entries when key is TemplateTuple or not (List<object?> or TemplateMapping):
                if (entries.TryGetValue(TemplateKey.From(key), out var value))
                    return value;
                break;
            case List<object?> items when key is long or bool:
                return At(TemplateValue.Whole(key), items.Count) is { } at ? items[at] : new Undefined("item");
            case TemplateRange range when key is long or bool:
                return At(TemplateValue.Whole(key), range.Count) is { } place
                    ? range.Items[place]
                    : new Undefined("item");
            case string or TemplateMarkup when key is long or bool:
                return Character(target, TemplateValue.Whole(key));
            default:
                break;
        }

        if (TemplateValue.AsText(key) is { } name)
            return Own(target, name);
        return new Undefined(key is Undefined unknown ? unknown.Name : TemplateValue.Show(key));
    }

    /// <summary>A method or member that is no entry, or nothing.</summary>
    public static object? Own(object? target, string name) =>
        target is TemplateObject known ? known.Find(name) : Attribute(target, name) ?? new Undefined(name);

    private static object? Attribute(object? target, string name)
    {
        if (name.StartsWith('_'))
            return null;
        if (TemplateMethods.Find(target, name) is { } method)
            return method;
        if (Changing.Contains(name) && target is TemplateMapping or List<object?> and not TemplateTuple)
            return new Undefined(name, $"would change {TemplateValue.Kind(target)}, which templates may not");
        return Property(target, name);
    }

    /// <summary><c>target[start:stop:step]</c>.</summary>
    public static object? Slice(object? target, object? start, object? stop, object? step)
    {
        if (target is Undefined missing)
            throw TemplateValue.Missing(missing);
        var by = step is null ? 1 : TemplateValue.Whole(step);
        if (by == 0)
            throw new TemplateError("a slice's step is 0.");
        if (TemplateValue.AsText(target) is { } text)
            return TemplateValue.Like(target, SliceText(text, start, stop, by));
        var items = target switch
        {
            List<object?> list => list,
            TemplateRange range => range.Items,
            _ => throw TemplateValue.Wrong("slice", target),
        };
        var places = Places(items.Count, start, stop, by);
        if (target is TemplateRange numbers)
            return SliceRange(numbers, start, stop, by);
        var chosen = places.Select(place => items[place]);
        return target is TemplateTuple ? new TemplateTuple(chosen) : chosen.ToList();
    }

    private static string SliceText(string text, object? start, object? stop, long by)
    {
        if (by == 1 && TemplateText.HasOneUnitEach(text))
        {
            var (from, to) = Bounds(text.Length, start, stop, by);
            return from < to ? text[(int)from..(int)to] : "";
        }

        var characters = TemplateText.Characters(text);
        return string.Concat(Places(characters.Count, start, stop, by).Select(place => characters[place]));
    }

    private static TemplateRange SliceRange(TemplateRange range, object? start, object? stop, long by)
    {
        var (from, to) = Bounds(range.Count, start, stop, by);
        return new TemplateRange(range.Start + (from * range.Step), range.Start + (to * range.Step), range.Step * by);
    }

    private static List<int> Places(int count, object? start, object? stop, long by)
    {
        var (from, to) = Bounds(count, start, stop, by);
        var places = new List<int>();
        for (Int128 i = from; by > 0 ? i < to : i > to; i += by)
            places.Add((int)i);
        TemplateRun.Charge(places.Count);
        return places;
    }

    private static (long From, long To) Bounds(int count, object? start, object? stop, long by) =>
        by > 0
            ? (Clamp(start, count, 0, by), Clamp(stop, count, count, by))
            : (Clamp(start, count, count - 1, by), Clamp(stop, count, -1, by));

    private static long Clamp(object? bound, int count, long absent, long by)
    {
        if (bound is null)
            return absent;
        var at = TemplateValue.Whole(bound);
        at += at < 0 ? count : 0;
        return by > 0 ? Math.Clamp(at, 0, count) : Math.Clamp(at, -1, count - 1);
    }

    private static object? Entry(object? target, string name)
    {
        if (target is TemplateMapping entries && entries.TryGetValue(new TemplateKey(name), out var value))
            return value;
        return new Undefined(name);
    }

    private static object? Property(object? target, string name) =>
        target switch
        {
            TemplateTuple { Names.Count: > 0 } tuple when tuple.Names.ToList().IndexOf(name) is >= 0 and var at =>
                tuple[at],
            TemplateRange range when name == "start" => range.Start,
            TemplateRange range when name == "stop" => range.Stop,
            TemplateRange range when name == "step" => range.Step,
            long or bool when name is "real" or "numerator" => TemplateValue.Whole(target),
            long or bool when name == "imag" => 0L,
            long or bool when name == "denominator" => 1L,
            double when name == "real" => target,
            double when name == "imag" => 0.0,
            _ => null,
        };

    private static object? Character(object target, long index)
    {
        var text = TemplateValue.Show(target);
        if (TemplateText.HasOneUnitEach(text))
            return At(index, text.Length) is { } unit
                ? TemplateValue.Like(target, text[unit].ToString())
                : new Undefined("character");
        var characters = TemplateText.Characters(text);
        return At(index, characters.Count) is { } at
            ? TemplateValue.Like(target, (string)characters[at]!)
            : new Undefined("character");
    }

    private static int? At(long index, int count)
    {
        index += index < 0 ? count : 0;
        return index >= 0 && index < count ? (int)index : null;
    }
}
