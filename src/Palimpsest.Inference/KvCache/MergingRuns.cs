namespace Palimpsest.Inference;

/// <summary>Runs of neighbours of one head that become one entry each.</summary>
internal static class MergingRuns
{
    /// <summary>The pivot's column of each column's run; −1 for columns that do not count.</summary>
    /// <param name="cosines">Similarity of each column's key to the next one's.</param>
    /// <param name="attention">Attention of each column.</param>
    /// <param name="counted">Columns that count.</param>
    /// <param name="options">Settings.</param>
    /// <param name="target">Entries that are to be left; null for what the cosine leaves.</param>
    public static int[] Of(
        ReadOnlySpan<float> cosines,
        ReadOnlySpan<float> attention,
        ReadOnlySpan<bool> counted,
        KvMergerOptions options,
        int? target
    )
    {
        var columns = Enumerable.Range(0, counted.Length).ToArray();
        var isCounted = counted.ToArray();
        columns = [.. columns.Where(column => isCounted[column])];
        var reserved = Reserved(columns, attention, options, target);
        var joins = new bool[counted.Length]; // whether a column joins the next one
        var pairs = new List<(float Cosine, int Column)>();
        for (var i = 0; i + 1 < columns.Length; i++)
        {
            var column = columns[i];
            if (!reserved.Contains(column) && !reserved.Contains(columns[i + 1]))
                pairs.Add((cosines[column], column));
        }

        IEnumerable<(float Cosine, int Column)> joining = target is { } left
            ? pairs.OrderByDescending(pair => pair.Cosine).Take(Math.Max(0, columns.Length - left))
            : pairs.Where(pair => pair.Cosine >= options.Cosine);
        foreach (var (_, column) in joining)
            joins[column] = true;
        return Pivots(columns, joins, attention);
    }

    private static int[] Pivots(int[] columns, bool[] joins, ReadOnlySpan<float> attention)
    {
        var pivots = new int[joins.Length];
        Array.Fill(pivots, -1);
        for (var start = 0; start < columns.Length; )
        {
            var end = start;
            while (joins[columns[end]])
                end++;
            var best = start;
            for (var i = start; i <= end; i++)
            {
                if (attention[columns[i]] > attention[columns[best]])
                    best = i;
            }

            for (var i = start; i <= end; i++)
                pivots[columns[i]] = columns[best];
            start = end + 1;
        }

        return pivots;
    }

    private static HashSet<int> Reserved(
        int[] columns,
        ReadOnlySpan<float> attention,
        KvMergerOptions options,
        int? target
    )
    {
        var weights = attention.ToArray();
        var recent = (int)(columns.Length * options.Recent);
        var heavy = (int)(columns.Length * options.Heavy);
        if (target is { } left && recent + heavy >= left)
        {
            // A run of the others is an entry, too.
            recent = Math.Min(recent, Math.Max(0, left - 1));
            heavy = Math.Min(heavy, Math.Max(0, (left - 1 - recent) / 2));
        }

        var newest = columns[(columns.Length - recent)..];
        return
        [
            .. newest,
            .. columns[..(columns.Length - recent)].OrderByDescending(column => weights[column]).Take(heavy),
        ];
    }
}
