namespace Palimpsest.Models;

/// <summary>What is known of a cache's rows beside their tokens; it goes along when rows leave, join or are
/// copied.</summary>
internal sealed class RowNotes
{
    private readonly Dictionary<object, long[]> _kept = new(ReferenceEqualityComparer.Instance);

    /// <summary>What the caller says of each row; null for nothing.</summary>
    public long[]? Flags { get; set; }

    /// <summary>Tokens that belong to the prompt, padding included.</summary>
    public int PromptEnd { get; set; }

    /// <summary>Whether something is kept under some key.</summary>
    public bool HasKept => _kept.Count > 0;

    /// <summary>Gives or takes what the caller says of each row.</summary>
    public void Exchange(KvState state, int rows, int length)
    {
        PromptEnd = state.Number("prompt end", PromptEnd, 0, length);
        var flags = state.Numbers("flags", Flags ?? [], least: long.MinValue, most: long.MaxValue);
        if (flags.Length != 0 && flags.Length != rows)
            throw state.Wrong("flags", $"has {flags.Length} numbers; allowed is none or {rows}");
        Flags = flags.Length == 0 ? null : flags;
    }

    /// <summary>What was kept under a key; null for nothing.</summary>
    public long[]? Find(object key) => _kept.GetValueOrDefault(key);

    /// <summary>Keeps one number per row.</summary>
    public void Set(object key, long[] rows) => _kept[key] = rows;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _kept.Clear();
        (Flags, PromptEnd) = (null, 0);
    }

    /// <summary>Each row as many times, one after another.</summary>
    public RowNotes Repeat(int copies) => Map(rows => [.. rows.SelectMany(row => Enumerable.Repeat(row, copies))]);

    /// <summary>The rows at these places.</summary>
    public RowNotes Select(ReadOnlySpan<long> rows)
    {
        var places = rows.ToArray();
        return Map(values => [.. places.Select(place => values[place])]);
    }

    /// <summary>These rows and then another's; what one does not know is 0.</summary>
    public RowNotes Join(RowNotes other, int rows, int otherRows)
    {
        long[] Both(long[]? mine, long[]? theirs) => [.. mine ?? new long[rows], .. theirs ?? new long[otherRows]];
        var joined = new RowNotes
        {
            Flags = Flags is null && other.Flags is null ? null : Both(Flags, other.Flags),
            PromptEnd = Math.Max(PromptEnd, other.PromptEnd),
        };
        foreach (var key in _kept.Keys.Union(other._kept.Keys))
            joined.Set(key, Both(Find(key), other.Find(key)));
        return joined;
    }

    private RowNotes Map(Func<long[], long[]> change)
    {
        var notes = new RowNotes { Flags = Flags is null ? null : change(Flags), PromptEnd = PromptEnd };
        foreach (var (key, rows) in _kept)
            notes.Set(key, change(rows));
        return notes;
    }
}
