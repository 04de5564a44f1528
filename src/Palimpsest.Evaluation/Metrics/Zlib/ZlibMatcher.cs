namespace Palimpsest.Evaluation;

/// <summary>Finds the copies that zlib finds at its default level: hash chains of three bytes, a match waits for a
/// longer one.</summary>
/// <remarks>
/// Level 6: chains of at most 128, a quarter of that after a match of 8, no search after one of 16, 128 is long enough.
/// The first byte's position is zlib's "none", so that no copy starts there.
/// </remarks>
internal sealed class ZlibMatcher(byte[] data)
{
    private const int LeastMatch = 3;
    private const int MostMatch = 258;
    private const int HashMask = 0x7FFF;
    private const int HashShift = 5;
    private const int MostDistance = 32768 - MostMatch - LeastMatch - 1;
    private const int TooFar = 4096;
    private const int GoodLength = 8;
    private const int LazyLength = 16;
    private const int NiceLength = 128;
    private const int MostChain = 128;

    private readonly int[] _head = new int[HashMask + 1];
    private readonly int[] _previous = new int[data.Length];

    /// <summary>The symbols of the whole text.</summary>
    public List<ZlibSymbol> Run()
    {
        var symbols = new List<ZlibSymbol>();
        var (length, start, waiting, at) = (LeastMatch - 1, 0, false, 0);
        while (at < data.Length)
        {
            var chain = Insert(at);
            var (lengthBefore, startBefore) = (length, start);
            length = LeastMatch - 1;
            if (chain != 0 && lengthBefore < LazyLength && at - chain <= MostDistance)
                (length, start) = Longest(at, chain, lengthBefore, start);
            if (length == LeastMatch && at - start > TooFar)
                length = LeastMatch - 1;
            if (lengthBefore >= LeastMatch && length <= lengthBefore)
            {
                symbols.Add(new(lengthBefore, at - 1 - startBefore));
                for (var end = at - 1 + lengthBefore; ++at < end; )
                    Insert(at);
                (length, waiting) = (LeastMatch - 1, false);
                continue;
            }

            if (waiting)
                symbols.Add(new(data[at - 1], 0));
            waiting = true;
            at++;
        }

        if (waiting)
            symbols.Add(new(data[^1], 0));
        return symbols;
    }

    /// <summary>Enters the three bytes at a position; returns the last position with their hash, 0 for none.</summary>
    private int Insert(int at)
    {
        if (at + LeastMatch > data.Length)
            return 0;
        var hash = ((data[at] << (2 * HashShift)) ^ (data[at + 1] << HashShift) ^ data[at + 2]) & HashMask;
        _previous[at] = _head[hash];
        _head[hash] = at;
        return _previous[at];
    }

    private (int Length, int Start) Longest(int at, int chain, int lengthBefore, int startBefore)
    {
        var ahead = data.Length - at;
        var nice = Math.Min(NiceLength, ahead);
        var limit = Math.Max(0, at - MostDistance);
        var (best, start) = (lengthBefore, startBefore);
        for (
            var left = lengthBefore >= GoodLength ? MostChain >> 2 : MostChain;
            left > 0 && chain > limit;
            left--, chain = _previous[chain]
        )
        {
            var length = 0;
            while (length < Math.Min(ahead, MostMatch) && data[chain + length] == data[at + length])
                length++;
            if (length <= best)
                continue;
            (best, start) = (length, chain);
            if (length >= nice)
                break;
        }

        return (Math.Min(best, ahead), start);
    }
}
