namespace Palimpsest.Inference;

/// <summary>Where entries of a row come from, oldest first.</summary>
internal sealed class EntryPlaces
{
    private readonly List<int> _positions = [];
    private readonly List<int> _tokens = [];

    /// <summary>Entries.</summary>
    public int Length => _positions.Count;

    /// <summary>Positions in the text.</summary>
    public IReadOnlyList<int> Positions => _positions;

    /// <summary>Places among the tokens seen, padding included.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Adds entries.</summary>
    public void Add(IEnumerable<int> positions, IEnumerable<int> tokens)
    {
        _positions.AddRange(positions);
        _tokens.AddRange(tokens);
    }

    /// <summary>Takes the first entries away.</summary>
    public EntryPlaces Take(int count)
    {
        var taken = new EntryPlaces();
        taken.Add(_positions.Take(count), _tokens.Take(count));
        _positions.RemoveRange(0, count);
        _tokens.RemoveRange(0, count);
        return taken;
    }

    /// <summary>Entries whose token is in a span.</summary>
    public int Within(int start, int end) => _tokens.Count(token => token >= start && token < end);

    /// <summary>The entries at some places.</summary>
    public EntryPlaces At(IReadOnlyList<long> places)
    {
        var some = new EntryPlaces();
        some.Add(places.Select(place => _positions[(int)place]), places.Select(place => _tokens[(int)place]));
        return some;
    }

    /// <summary>The same.</summary>
    public EntryPlaces Clone()
    {
        var copy = new EntryPlaces();
        copy.Add(_positions, _tokens);
        return copy;
    }

    /// <summary>Gives the places to a state, or takes what it restores.</summary>
    public void Exchange(KvState state, int count, int seen)
    {
        var most = Math.Max(0, seen - 1);
        var positions = state.Numbers("positions", [.. _positions.Select(p => (long)p)], count, 0, most);
        var tokens = state.Numbers("tokens", [.. _tokens.Select(t => (long)t)], count, 0, most);
        if (state.IsRestoring)
            Add(positions.Select(p => (int)p), tokens.Select(t => (int)t));
    }
}
