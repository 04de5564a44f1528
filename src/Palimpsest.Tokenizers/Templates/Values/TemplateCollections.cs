namespace Palimpsest.Tokenizers;

/// <summary>A name that stands for nothing: empty when shown, an error when looked into.</summary>
/// <param name="Name">What was looked for.</param>
/// <param name="Reason">Why there is nothing, after the name; null if it just is undefined.</param>
internal sealed record Undefined(string Name, string? Reason = null);

/// <summary>A text that is HTML already, as <c>safe</c> and <c>escape</c> give.</summary>
internal sealed record TemplateMarkup(string Text);

/// <summary>A list that prints with parentheses.</summary>
internal sealed class TemplateTuple : List<object?>
{
    public TemplateTuple() { }

    public TemplateTuple(IEnumerable<object?> items)
        : base(items) { }

    /// <summary>Names of the items, as those of <c>groupby</c> have, or none.</summary>
    public IReadOnlyList<string> Names { get; private init; } = [];

    /// <summary>The same items with names.</summary>
    public TemplateTuple WithNames(params string[] names) => new(this) { Names = names };
}

/// <summary>Entries in the order in which they came.</summary>
internal sealed class TemplateMapping : OrderedDictionary<TemplateKey, object?>
{
    public object? Find(string name) => TryGetValue(new TemplateKey(name), out var value) ? value : new Undefined(name);
}

/// <summary>A key of a mapping; numbers of one value are one key.</summary>
internal readonly struct TemplateKey(object? value) : IEquatable<TemplateKey>
{
    public object? Value => value;

    /// <summary>A value as a key.</summary>
    /// <exception cref="TemplateError">It is a list or a mapping.</exception>
    public static TemplateKey From(object? value)
    {
        var isKey =
            value is not (TemplateMapping or TemplateView { IsSet: true })
            && (value is TemplateTuple or not List<object?>);
        if (!isKey)
            throw TemplateValue.Wrong("take as a key", value);
        foreach (var item in value as TemplateTuple ?? [])
            From(item);
        return new TemplateKey(value);
    }

    public bool Equals(TemplateKey other) => TemplateOrder.AreEqual(Value, other.Value);

    public override bool Equals(object? obj) => obj is TemplateKey other && Equals(other);

    public override int GetHashCode()
    {
        if (TemplateValue.AsText(Value) is { } text)
            return text.GetHashCode(StringComparison.Ordinal);
        if (TemplateValue.Number(Value) is { } number)
            return number.GetHashCode();
        return Value switch
        {
            null => 0,
            Undefined => 1,
            TemplateTuple items => items.Aggregate(2, (hash, item) => HashCode.Combine(hash, new TemplateKey(item))),
            _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(Value),
        };
    }
}

/// <summary>What <c>range()</c> gives: whole numbers at equal distances.</summary>
internal sealed class TemplateRange(long start, long stop, long step)
{
    public const int MostItems = 100_000; // the sandbox of Jinja allows no more

    private List<object?>? _items;

    public long Start => start;

    public long Stop => stop;

    public long Step => step;

    public int Count => Items.Count;

    public List<object?> Items => _items ??= Numbers();

    private List<object?> Numbers()
    {
        var items = new List<object?>();
        for (Int128 i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            if (items.Count >= MostItems)
                throw new TemplateError($"a range has more than {MostItems} numbers.");
            items.Add((long)i);
        }

        TemplateRun.Charge(items.Count);
        return items;
    }
}

/// <summary>What a mapping's <c>keys()</c>, <c>values()</c> and <c>items()</c> give.</summary>
internal sealed class TemplateView(string name, TemplateMapping entries)
{
    public string Name => name;

    /// <summary>Whether it compares as a set, as keys and entries do.</summary>
    public bool IsSet => name != "values";

    public int Count => entries.Count;

    public IEnumerable<object?> Items =>
        name switch
        {
            "keys" => entries.Keys.Select(key => key.Value),
            "values" => entries.Values,
            _ => entries.Select(entry => (object?)new TemplateTuple { entry.Key.Value, entry.Value }),
        };
}

/// <summary>Items that are made when they are asked for, once.</summary>
internal sealed class TemplateGenerator(IEnumerable<object?> source)
{
    private IEnumerator<object?>? _items;

    /// <summary>The items that nobody took yet.</summary>
    public IEnumerable<object?> Rest()
    {
        _items ??= source.GetEnumerator();
        while (_items.MoveNext())
        {
            TemplateRun.Charge(1);
            yield return _items.Current;
        }
    }
}
