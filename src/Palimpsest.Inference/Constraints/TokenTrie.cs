namespace Palimpsest.Inference;

/// <summary>Tokens by the beginnings of their bytes, depth first in one array.</summary>
internal sealed class TokenTrie
{
    private readonly byte[] _values;
    private readonly int[] _depths;
    private readonly int[] _ends;
    private readonly int[] _firstIds;
    private readonly int[] _ids;
    private readonly int _longest;

    /// <summary>Orders tokens.</summary>
    /// <param name="tokens">Ids with their bytes, at least one each.</param>
    public TokenTrie(IEnumerable<(int Id, byte[] Bytes)> tokens)
    {
        var sorted = tokens.ToArray();
        Array.Sort(
            sorted,
            (a, b) =>
            {
                var order = a.Bytes.AsSpan().SequenceCompareTo(b.Bytes);
                return order != 0 ? order : a.Id.CompareTo(b.Id);
            }
        );
        _ids = [.. sorted.Select(token => token.Id)];
        _longest = sorted.Select(token => token.Bytes.Length).Append(0).Max();
        var (values, depths, endsAt) = (new List<byte>(), new List<int>(), new int[sorted.Length]);
        byte[] before = [];
        for (var i = 0; i < sorted.Length; i++)
        {
            var bytes = sorted[i].Bytes;
            for (var depth = bytes.AsSpan().CommonPrefixLength(before); depth < bytes.Length; depth++)
            {
                values.Add(bytes[depth]);
                depths.Add(depth);
            }

            (before, endsAt[i]) = (bytes, values.Count - 1);
        }

        (_values, _depths) = ([.. values], [.. depths]);
        _ends = Ends(_depths);
        // Tokens end in the order of the nodes: those of a node are the run between its first and the next node's.
        _firstIds = new int[_values.Length + 1];
        for (var (node, i) = (0, 0); node <= _values.Length; node++)
        {
            while (i < sorted.Length && endsAt[i] < node)
                i++;
            _firstIds[node] = i;
        }
    }

    /// <summary>Follows every token from a state as far as its bytes can come.</summary>
    /// <param name="automaton">Steps.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="visit">Told each token that can come, with the state after it.</param>
    public void Walk(TokenAutomaton automaton, AutomatonState start, Action<int, AutomatonState> visit)
    {
        var states = new AutomatonState[_longest + 1];
        states[0] = start;
        for (var node = 0; node < _values.Length; )
        {
            var depth = _depths[node];
            var next = automaton.Step(states[depth], _values[node]);
            if (ReferenceEquals(next, AutomatonState.Dead))
            {
                node = _ends[node];
                continue;
            }

            states[depth + 1] = next;
            for (var i = _firstIds[node]; i < _firstIds[node + 1]; i++)
                visit(_ids[i], next);
            node++;
        }
    }

    private static int[] Ends(int[] depths)
    {
        var ends = new int[depths.Length];
        var open = new Stack<int>();
        for (var node = 0; node < depths.Length; node++)
        {
            while (open.TryPeek(out var top) && depths[top] >= depths[node])
                ends[open.Pop()] = node;
            open.Push(node);
        }

        foreach (var node in open)
            ends[node] = depths.Length;
        return ends;
    }
}
