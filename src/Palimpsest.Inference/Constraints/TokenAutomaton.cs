namespace Palimpsest.Inference;

/// <summary>An automaton over bytes that is told tokens: states are made when they are first reached, and with them the
/// tokens that can come.</summary>
/// <remarks>Safe for several threads: its public members take turns.</remarks>
internal sealed class TokenAutomaton
{
    // What is remembered is forgotten when it has grown to this; rows that are under way go on.
    private const int MostStates = 8192;
    private const long MostBytes = 64 << 20;

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
            if (mask.Farthest <= left - 2)
                return mask;
            return Near(state, mask, left - 2) ?? Near(state, mask, left - 1) ?? mask;
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
        var (ids, needs, farthest) = (new List<int>(), new List<int>(), 0);
        void Visit(int id, AutomatonState after)
        {
            ids.Add(id);
            needs.Add(after.Shortest);
            farthest = Math.Max(farthest, after.Shortest);
        }

        var shared = PlainOf(state);
        (shared is null ? _tokens.All : _tokens.Others).Walk(this, state, Visit);
        if (shared is not null)
        {
            foreach (var thread in state.Threads)
                farthest = Math.Max(farthest, ((IFreeText)thread.Frame).Farthest + (thread.Below?.Shortest ?? 0));
        }

        return Kept(shared, ids, needs, farthest);
    }

    /// <summary>The tokens after which the text can be over within so many tokens; null when there are none.</summary>
    private TokenMask? Near(AutomatonState state, TokenMask mask, int left)
    {
        var ids = new List<int>();
        void Visit(int id, AutomatonState after)
        {
            if (after.Shortest <= left)
                ids.Add(id);
        }

        var shared = state.Threads.All(thread => thread.Frame is IFreeText { IsBlind: true }) ? PlainOf(state) : null;
        // What was followed when the mask was made need not be followed again.
        if (shared is not null || !mask.HasPlain)
        {
            for (var i = 0; i < mask.Followed.Length; i++)
            {
                if (mask.Needs[i] <= left)
                    ids.Add(mask.Followed[i]);
            }
        }
        else
            _tokens.All.Walk(this, state, Visit);
        if (shared is not null)
            shared = PlainNear(state, shared, left);
        return shared is null && ids.Count == 0 ? null : new(shared, [.. ids], 0);
    }

    /// <summary>Bits of the plain tokens after which the text can be over within so many tokens; null when there are
    /// none.</summary>
    private ulong[]? PlainNear(AutomatonState state, ulong[] plain, int left)
    {
        var near = new ulong[plain.Length];
        for (var characters = 1; characters <= _tokens.LongestPlain; characters++)
        {
            state = Step(state, (byte)'a');
            if (ReferenceEquals(state, AutomatonState.Dead))
                break;
            if (state.Shortest > left)
                continue;
            var (some, fewer) = (_tokens.PlainUpTo(characters), _tokens.PlainUpTo(characters - 1));
            for (var word = 0; word < near.Length; word++)
                near[word] |= some[word] & ~fewer[word] & plain[word];
        }

        return Array.TrueForAll(near, word => word == 0) ? null : near;
    }

    /// <summary>Bits of the plain tokens that can come where every way is free text; else null.</summary>
    private ulong[]? PlainOf(AutomatonState state)
    {
        if (state.Threads.Length == 0 || !state.Threads.All(thread => thread.Frame is IFreeText { Room: > 0 }))
            return null;
        return _tokens.PlainUpTo(state.Threads.Max(thread => ((IFreeText)thread.Frame).Room));
    }

    private TokenMask Kept(ulong[]? shared, List<int> ids, List<int> needs, int farthest)
    {
        int[] followed = [.. ids];
        TokenMask mask = new(shared, followed, farthest);
        if (shared is null && ids.Count > 2048)
        {
            var bits = new ulong[(ids.Max() / 64) + 1];
            foreach (var id in ids)
                bits[id / 64] |= 1UL << (id % 64);
            mask = new(bits, [], farthest);
            _bytes += 8L * bits.Length;
        }

        mask = mask with { Followed = followed, Needs = [.. needs], HasPlain = shared is not null };
        _bytes += mask.Size;
        return mask;
    }
}
