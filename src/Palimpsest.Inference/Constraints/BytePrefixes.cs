namespace Palimpsest.Inference;

/// <summary>A set of byte texts by their beginnings.</summary>
/// <param name="tokens">Tells how many tokens a text takes.</param>
internal sealed class BytePrefixes(TokenBytes tokens)
{
    /// <summary>The place where nothing has come.</summary>
    public const int Root = 0;

    private readonly List<Dictionary<byte, int>> _next =
    [
        [],
    ];
    private readonly List<int> _ends = [-1];
    private readonly List<int> _shortest = [Cursor.Endless];
    private readonly List<int> _depths = [0];
    private readonly List<int[]> _lengths = [];

    /// <summary>Adds a text with a number for it, at least 0; of equal texts the first counts.</summary>
    /// <returns>The places that it passes, its end included.</returns>
    public List<int> Add(ReadOnlySpan<byte> text, int number)
    {
        var (place, passed) = (Root, new List<int> { Root });
        var lengths = tokens.LengthsOf(text);
        Reach(Root, lengths[0]);
        for (var i = 0; i < text.Length; i++)
        {
            if (!_next[place].TryGetValue(text[i], out var next))
            {
                next = _next.Count;
                _next[place].Add(text[i], next);
                _next.Add([]);
                _ends.Add(-1);
                _shortest.Add(Cursor.Endless);
                _depths.Add(i + 1);
            }

            place = next;
            passed.Add(place);
            Reach(place, lengths[i + 1]);
        }

        if (_ends[place] < 0)
            _ends[place] = number;
        while (_lengths.Count <= number)
            _lengths.Add([]);
        _lengths[number] = lengths;
        return passed;
    }

    /// <summary>The place after one more byte; -1 where no text goes on so.</summary>
    public int Next(int place, byte value) => _next[place].TryGetValue(value, out var next) ? next : -1;

    /// <summary>The number of the text that ends at a place; -1 where none does.</summary>
    public int EndOf(int place) => _ends[place];

    /// <summary>True when no text goes on from a place.</summary>
    public bool IsLeaf(int place) => _next[place].Count == 0;

    /// <summary>The least number of tokens to an end.</summary>
    public int Shortest(int place) => _shortest[place];

    /// <summary>The tokens of a text that are to come after a place within it.</summary>
    public int Shortest(int place, int number) => _lengths[number][_depths[place]];

    private void Reach(int place, int length) => _shortest[place] = Math.Min(_shortest[place], length);
}
