namespace Palimpsest.Inference;

/// <summary>An automaton over bytes that is told tokens: states are made when they are first reached, and with them the
/// tokens that can come.</summary>
/// <remarks>Safe for several threads: its public members take turns.</remarks>
internal sealed class TokenAutomaton
{
    // What is remembered is forgotten when it has grown to this; rows that are under way go on.
    private const int MostStates = 8192;
    private const long MostBytes = 64 << 20;
    private const int MostTokensToEnd = 4096;

    private readonly TokenBytes _tokens;
    private readonly HashSet<AutomatonState> _states = [];
    private readonly ThreadList _list = new();
    private readonly Lock _lock = new();
    private long _bytes;

    /// <summary>Begins with the ways in which a text can go.</summary>
    public TokenAutomaton(TokenBytes tokens, params IEnumerable<Cursor> start)
    {
        _tokens = tokens;
        foreach (var cursor in start)
            _list.Add(cursor);
        Start = new([.. _list.Threads], _list.IsDone);
    }

    /// <summary>The state before any text.</summary>
    public AutomatonState Start { get; }

    /// <summary>The tokens that it is told.</summary>
    public TokenBytes Tokens => _tokens;

    /// <summary>The state after a token; <see cref="AutomatonState.Dead"/> where it cannot come.</summary>
    public AutomatonState After(AutomatonState state, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            foreach (var value in bytes)
                state = Step(state, value);
            return state;
        }
    }

    /// <summary>The tokens that can come in a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="left">Tokens that can come at most. Where the text has to be closed for it to be over by then, only
    /// tokens that lead there; all where that is out of reach.</param>
    public TokenMask MaskOf(AutomatonState state, int left)
    {
        lock (_lock)
        {
            var mask = state.Mask ??= Look(state);
            // One for this token, one for the end token.
            if (mask.Longest <= left - 2)
                return mask;
            return Near(state, left - 2) ?? Near(state, left - 1) ?? mask;
        }
    }

    /// <summary>The state after a byte.</summary>
    internal AutomatonState Step(AutomatonState state, byte value)
    {
        ref var next = ref state.Next(value);
        if (next is not null)
            return next;
        _list.Clear();
        foreach (var thread in state.Threads)
            thread.Frame.Step(value, thread.Below, _list);
        if (_list.Threads.Count == 0 && !_list.IsDone)
            return next = AutomatonState.Dead;
        var made = new AutomatonState([.. _list.Threads], _list.IsDone);
        if (_states.TryGetValue(made, out var known))
            return next = known;
        if (_states.Count >= MostStates || _bytes > MostBytes)
        {
            _states.Clear();
            _bytes = 0;
        }

        _states.Add(made);
        return next = made;
    }

    private TokenMask Look(AutomatonState state)
    {
        var ids = new List<int>();
        var (longest, best) = (0, (AutomatonState?)null);
        void Visit(int id, AutomatonState after)
        {
            ids.Add(id);
            longest = Math.Max(longest, after.Shortest);
            if (best is null || after.Shortest < best.Shortest)
                best = after;
        }

        var shared = PlainOf(state);
        (shared is null ? _tokens.All : _tokens.Others).Walk(this, state, Visit);
        if (shared is null)
            return Kept(null, ids, longest, best);
        foreach (var thread in state.Threads)
            longest = Math.Max(longest, ((IFreeText)thread.Frame).Farthest + (thread.Below?.Shortest ?? 0));
        var wanted = _tokens.LongestPlainUpTo(Math.Max(1, state.Threads.Max(t => ((IFreeText)t.Frame).Wanted)));
        if (wanted > 0 && Plain(state, wanted) is { } plain && (best is null || plain.Shortest < best.Shortest))
            best = plain;
        return Kept(shared, ids, longest, best);
    }

    /// <summary>The tokens after which the text can be over within so many tokens; null when there are none.</summary>
    private TokenMask? Near(AutomatonState state, int left)
    {
        var ids = new List<int>();
        void Visit(int id, AutomatonState after)
        {
            if (EndsWithin(after, left))
                ids.Add(id);
        }

        var shared = state.Threads.All(thread => thread.Frame is IFreeText { IsBlind: true }) ? PlainOf(state) : null;
        (shared is null ? _tokens.All : _tokens.Others).Walk(this, state, Visit);
        if (shared is not null)
        {
            // The more characters come, the fewer are wanted.
            var fewest = 1;
            while (fewest <= _tokens.LongestPlain && !(Plain(state, fewest) is { } next && EndsWithin(next, left)))
                fewest++;
            var fewer = _tokens.PlainUpTo(fewest - 1);
            shared = [.. shared.Zip(fewer, (some, less) => some & ~less)];
            if (Array.TrueForAll(shared, word => word == 0))
                shared = null;
        }

        return shared is null && ids.Count == 0 ? null : new(shared, [.. ids], 0, null);
    }

    /// <summary>Bits of the plain tokens that can come where every way is free text; else null.</summary>
    private ulong[]? PlainOf(AutomatonState state)
    {
        if (state.Threads.Length == 0 || !state.Threads.All(thread => thread.Frame is IFreeText { Room: > 0 }))
            return null;
        return _tokens.PlainUpTo(state.Threads.Max(thread => ((IFreeText)thread.Frame).Room));
    }

    /// <summary>The state after so many plain characters; null where they cannot come.</summary>
    private AutomatonState? Plain(AutomatonState state, int characters)
    {
        for (var i = 0; i < characters; i++)
            state = Step(state, (byte)'a');
        return ReferenceEquals(state, AutomatonState.Dead) ? null : state;
    }

    private bool EndsWithin(AutomatonState state, int tokens) =>
        state.Shortest <= tokens || TokensToEnd(state) <= tokens;

    /// <summary>Tokens after which the text can be over when each brings it as near to its end as it can.</summary>
    private int TokensToEnd(AutomatonState state)
    {
        var way = new List<AutomatonState>();
        while (state is { CanEnd: false, TokensToEnd: < 0 } && way.Count < MostTokensToEnd)
        {
            way.Add(state);
            var mask = state.Mask ??= Look(state);
            if (mask.Best is null || mask.Best.Shortest >= state.Shortest)
            {
                state.TokensToEnd = Cursor.Endless;
                break;
            }

            state = mask.Best;
        }

        var count = state.CanEnd ? 0 : Math.Max(state.TokensToEnd, 0);
        if (way.Count >= MostTokensToEnd)
            count = Cursor.Endless;
        for (var i = way.Count - 1; i >= 0; i--)
        {
            if (way[i].TokensToEnd < 0)
                way[i].TokensToEnd = count = Math.Min(Cursor.Endless, count + 1);
            else
                count = way[i].TokensToEnd;
        }

        return count;
    }

    private TokenMask Kept(ulong[]? shared, List<int> ids, int longest, AutomatonState? best)
    {
        TokenMask mask = new(shared, [.. ids], longest, best);
        if (shared is null && ids.Count > 2048)
        {
            var bits = new ulong[(ids.Max() / 64) + 1];
            foreach (var id in ids)
                bits[id / 64] |= 1UL << (id % 64);
            mask = new(bits, [], longest, best);
            _bytes += 8L * bits.Length;
        }

        _bytes += mask.Size;
        return mask;
    }
}
