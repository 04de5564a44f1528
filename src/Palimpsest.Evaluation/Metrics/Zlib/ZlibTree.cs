namespace Palimpsest.Evaluation;

/// <summary>A Huffman code as zlib builds it; how it breaks ties shows in what the code itself costs to send.</summary>
internal sealed class ZlibTree
{
    private readonly int[] _frequencies;
    private readonly int[] _parents;
    private readonly int[] _depths;
    private readonly int[] _heap;
    private readonly int _symbols;
    private int _count;

    private ZlibTree(int[] frequencies)
    {
        _symbols = frequencies.Length;
        _frequencies = new int[2 * _symbols + 1];
        frequencies.CopyTo(_frequencies, 0);
        _parents = new int[_frequencies.Length];
        _depths = new int[_frequencies.Length];
        _heap = new int[_frequencies.Length + 1];
    }

    /// <summary>Code lengths in bits by symbol, up to the last symbol in use; 0 for unused ones.</summary>
    /// <param name="frequencies">How often each symbol comes.</param>
    /// <param name="mostBits">Longest code.</param>
    public static int[] Lengths(int[] frequencies, int mostBits) => new ZlibTree(frequencies).Build(mostBits);

    private int[] Build(int mostBits)
    {
        var last = -1;
        for (var symbol = 0; symbol < _symbols; symbol++)
        {
            if (_frequencies[symbol] == 0)
                continue;
            _heap[++_count] = last = symbol;
        }

        while (_count < 2) // a code has at least two symbols, used or not
        {
            var symbol = _heap[++_count] = last < 2 ? ++last : 0;
            _frequencies[symbol] = 1;
        }

        for (var place = _count / 2; place >= 1; place--)
            Sift(place);
        return Lengths(Merge(), last, mostBits);
    }

    /// <summary>Joins the two rarest nodes until one is left; returns all nodes from the root down.</summary>
    private List<int> Merge()
    {
        var taken = new List<int>();
        var node = _symbols;
        do
        {
            var first = _heap[1];
            _heap[1] = _heap[_count--];
            Sift(1);
            var second = _heap[1];
            taken.Add(first);
            taken.Add(second);
            _frequencies[node] = _frequencies[first] + _frequencies[second];
            _depths[node] = Math.Max(_depths[first], _depths[second]) + 1;
            _parents[first] = _parents[second] = node;
            _heap[1] = node++;
            Sift(1);
        } while (_count >= 2);
        taken.Add(_heap[1]);
        taken.Reverse();
        return taken;
    }

    private int[] Lengths(List<int> nodes, int last, int mostBits)
    {
        var bits = new int[_frequencies.Length];
        var perLength = new int[mostBits + 1];
        var overflow = 0;
        foreach (var node in nodes.Skip(1))
        {
            bits[node] = bits[_parents[node]] + 1;
            if (bits[node] > mostBits)
            {
                bits[node] = mostBits;
                overflow++;
            }

            if (node < _symbols)
                perLength[bits[node]]++;
        }

        if (overflow > 0)
            Shorten(nodes, bits, perLength, overflow, mostBits);
        return bits[..(last + 1)];
    }

    /// <summary>Moves leaves so that no code is longer than allowed, then deals the lengths out again, the longest to
    /// the rarest.</summary>
    private void Shorten(List<int> nodes, int[] bits, int[] perLength, int overflow, int mostBits)
    {
        for (; overflow > 0; overflow -= 2)
        {
            var length = mostBits - 1;
            while (perLength[length] == 0)
                length--;
            perLength[length]--;
            perLength[length + 1] += 2;
            perLength[mostBits]--;
        }

        var next = nodes.Count;
        for (var length = mostBits; length > 0; length--)
        {
            for (var left = perLength[length]; left > 0; )
            {
                var node = nodes[--next];
                if (node >= _symbols)
                    continue;
                bits[node] = length;
                left--;
            }
        }
    }

    private void Sift(int place)
    {
        var moved = _heap[place];
        for (var child = 2 * place; child <= _count; child *= 2)
        {
            if (child < _count && ComesFirst(_heap[child + 1], _heap[child]))
                child++;
            if (ComesFirst(moved, _heap[child]))
                break;
            _heap[place] = _heap[child];
            place = child;
        }

        _heap[place] = moved;
    }

    private bool ComesFirst(int a, int b) =>
        _frequencies[a] < _frequencies[b] || (_frequencies[a] == _frequencies[b] && _depths[a] <= _depths[b]);
}
