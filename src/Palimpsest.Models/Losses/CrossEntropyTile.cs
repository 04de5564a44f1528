namespace Palimpsest.Models;

/// <summary>Rows of hidden states by entries of the vocabulary, the latter perhaps in another order.</summary>
internal readonly record struct CrossEntropyTile(long FirstRow, long Rows, long FirstEntry, long Entries, Tensor? Order)
{
    private const long MostElements = 1 << 20;
    private const long LeastEntries = 64;

    /// <summary>Cuts rows by vocabulary into tiles as the options say; <paramref name="whole"/> makes one of
    /// all.</summary>
    public static IEnumerable<CrossEntropyTile> Cut(
        long rows,
        long vocabulary,
        TiledCrossEntropyOptions options,
        bool whole,
        Tensor? order
    )
    {
        var rowTile = whole || options.RowTile == 0 ? Math.Max(1, rows) : options.RowTile;
        long entryTile = options.VocabularyTile;
        if (whole)
            entryTile = vocabulary;
        else if (entryTile == 0)
            entryTile = Math.Clamp(MostElements / rowTile, LeastEntries, Math.Max(LeastEntries, vocabulary));
        for (long row = 0; row < Math.Max(1, rows); row += rowTile)
        {
            for (long entry = 0; entry < vocabulary; entry += entryTile)
                yield return new(
                    row,
                    Math.Min(rowTile, rows - row),
                    entry,
                    Math.Min(entryTile, vocabulary - entry),
                    order
                );
        }
    }

    /// <summary>Logits [Rows, Entries].</summary>
    public Tensor Logits(Tensor hidden, Tensor classifier, Tensor? bias, TiledCrossEntropyOptions options)
    {
        var part = hidden.narrow(0, FirstRow, Rows);
        var weight = EntriesOf(classifier).t();
        var logits = bias is null ? part.mm(weight) : addmm(EntriesOf(bias), part, weight, 1, 1);
        return options.SoftCap is { } cap ? logits.div_(cap).tanh_().mul_(cap) : logits;
    }

    /// <summary>This tile's rows of a matrix or vector over the vocabulary.</summary>
    public Tensor EntriesOf(Tensor source) =>
        Order is null
            ? source.narrow(0, FirstEntry, Entries)
            : source.index_select(0, Order.narrow(0, FirstEntry, Entries));

    /// <summary>Where the labels of this tile's rows lie inside it: rows and columns, each [K] int64.</summary>
    public (Tensor Rows, Tensor Entries) Targets(Tensor labels)
    {
        var own = labels.narrow(0, FirstRow, Rows);
        if (Order is null)
        {
            var inside = own.ge(FirstEntry).logical_and(own.lt(FirstEntry + Entries)).nonzero().reshape(-1);
            return (inside, own.index_select(0, inside) - FirstEntry);
        }

        var found = own.unsqueeze(1).eq(Order.narrow(0, FirstEntry, Entries).unsqueeze(0)).nonzero();
        return (found.select(1, 0), found.select(1, 1));
    }

    /// <summary>Adds left·right to this tile's rows of a matrix over the vocabulary.</summary>
    public void AddRows(Tensor matrix, Tensor left, Tensor right)
    {
        if (Order is null)
            matrix.narrow(0, FirstEntry, Entries).addmm_(left, right);
        else
            matrix.index_add_(0, Order.narrow(0, FirstEntry, Entries), left.mm(right), 1);
    }

    /// <summary>Adds values to this tile's entries of a vector over the vocabulary.</summary>
    public void Add(Tensor vector, Tensor values)
    {
        if (Order is null)
            vector.narrow(0, FirstEntry, Entries).add_(values);
        else
            vector.index_add_(0, Order.narrow(0, FirstEntry, Entries), values, 1);
    }
}
