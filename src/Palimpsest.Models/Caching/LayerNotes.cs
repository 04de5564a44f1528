namespace Palimpsest.Models;

/// <summary>Numbers of each row [B, ...] that policies keep with a layer, by names that they choose; they go along
/// when rows leave or are copied.</summary>
public sealed class LayerNotes : IDisposable
{
    private readonly Dictionary<string, Tensor> _rows = new(StringComparer.Ordinal);

    /// <summary>Bytes of all of them.</summary>
    public long Bytes => _rows.Values.Sum(rows => rows.NumberOfElements * rows.ElementSize);

    /// <summary>What was kept under a name, which stays the notes' own; null for nothing.</summary>
    public Tensor? Find(string name) => _rows.GetValueOrDefault(name);

    /// <summary>Keeps numbers [B, ...] under a name in the place of those before; they belong to the notes from now
    /// on.</summary>
    public void Set(string name, Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var kept = rows.DetachFromDisposeScope();
        if (_rows.GetValueOrDefault(name) is { } old && !ReferenceEquals(old, kept))
            old.Dispose();
        _rows[name] = kept;
    }

    /// <summary>Forgets what was kept under a name.</summary>
    public void Remove(string name)
    {
        if (_rows.Remove(name, out var old))
            old.Dispose();
    }

    /// <summary>Gives or takes all of them.</summary>
    internal void Exchange(KvState state, int rows)
    {
        var names = state.Names("names", [.. _rows.Keys]);
        foreach (var name in names)
        {
            var held = state.IsRestoring ? null : _rows[name];
            var exchanged = state.AnyTensor(name, held);
            if (!state.IsRestoring)
                continue;
            if (exchanged.shape is not [var first, ..] || first != rows)
                throw state.Wrong(name, $"is [{string.Join(", ", exchanged.shape)}]; allowed is [{rows}, ...]");
            if (exchanged.dtype is ScalarType.Int32 or ScalarType.Int64)
                state.RequireWithin(name, exchanged, 0, int.MaxValue);
            Set(name, exchanged);
        }
    }

    /// <summary>Overwrites all of them with zeros.</summary>
    internal void Zero()
    {
        foreach (var rows in _rows.Values)
            rows.zero_();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var rows in _rows.Values)
            rows.Dispose();
        _rows.Clear();
    }

    /// <summary>The same notes, each passed through a function.</summary>
    internal LayerNotes Map(Func<Tensor, Tensor> map)
    {
        using var scope = NewDisposeScope();
        var notes = new LayerNotes();
        foreach (var (name, rows) in _rows)
            notes.Set(name, map(rows));
        return notes;
    }
}
