using System.Runtime.InteropServices;

namespace Palimpsest.Tokenizers;

/// <summary>Applies merges to the symbols of one piece.</summary>
internal static class BpeMerger
{
    /// <summary>Up to here looking at every pair each time is quicker than keeping a queue.</summary>
    private const int ShortPiece = 48;

    /// <summary>The symbols after all merges; the list is used up.</summary>
    public static ModelToken[] Merge(List<ModelToken> symbols, MergeTable merges) =>
        symbols.Count <= ShortPiece ? MergeShort(symbols, merges) : MergeLong(symbols, merges);

    private static ModelToken[] MergeShort(List<ModelToken> list, MergeTable merges)
    {
        var symbols = CollectionsMarshal.AsSpan(list);
        var count = symbols.Length;
        Span<int> ranks = stackalloc int[ShortPiece];
        Span<int> merged = stackalloc int[ShortPiece];
        for (var i = 0; i + 1 < count; i++)
            (ranks[i], merged[i]) = Rank(symbols[i].Id, symbols[i + 1].Id, merges);
        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i < count - 1; i++)
            {
                if (ranks[i] < ranks[best])
                    best = i;
            }

            if (ranks[best] == int.MaxValue)
                break;
            symbols[best] = new ModelToken(merged[best], symbols[best].Start, symbols[best + 1].End);
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            count--;
            if (best + 1 < count)
            {
                ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
                merged[(best + 2)..count].CopyTo(merged[(best + 1)..]);
                (ranks[best], merged[best]) = Rank(symbols[best].Id, symbols[best + 1].Id, merges);
            }

            if (best > 0)
                (ranks[best - 1], merged[best - 1]) = Rank(symbols[best - 1].Id, symbols[best].Id, merges);
        }

        return symbols[..count].ToArray();
    }

    private static (int Rank, int Id) Rank(int left, int right, MergeTable merges) =>
        merges.TryGet(left, right, out var merge) ? merge : (int.MaxValue, -1);

    private static ModelToken[] MergeLong(List<ModelToken> list, MergeTable merges)
    {
        var symbols = list.ToArray();
        var previous = new int[symbols.Length];
        var next = new int[symbols.Length];
        var queue = new PriorityQueue<(int Position, int Left, int Right, int Id), (int Rank, int Position)>();
        for (var i = 0; i < symbols.Length; i++)
            (previous[i], next[i]) = (i - 1, i + 1 < symbols.Length ? i + 1 : -1);
        for (var i = 0; i + 1 < symbols.Length; i++)
            Offer(i);
        while (queue.TryDequeue(out var best, out _))
        {
            var (position, left, right, id) = best;
            var other = next[position];
            if (symbols[position].Id != left || other < 0 || symbols[other].Id != right)
                continue;
            symbols[position] = new ModelToken(id, symbols[position].Start, symbols[other].End);
            symbols[other] = symbols[other] with { Id = -1 };
            next[position] = next[other];
            if (next[other] >= 0)
                previous[next[other]] = position;
            Offer(position);
            if (previous[position] >= 0)
                Offer(previous[position]);
        }

        return [.. symbols.Where(symbol => symbol.Id >= 0)];

        void Offer(int position)
        {
            var other = next[position];
            if (other >= 0 && merges.TryGet(symbols[position].Id, symbols[other].Id, out var merge))
                queue.Enqueue((position, symbols[position].Id, symbols[other].Id, merge.Id), (merge.Rank, position));
        }
    }
}
