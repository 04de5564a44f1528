namespace Palimpsest.Inference;

/// <summary>Turns scores of entries into the edit that keeps the best.</summary>
internal static class EntrySelection
{
    /// <summary>Entries that count per row: of the head that holds most.</summary>
    public static IReadOnlyList<int> Held(KvSegment segment)
    {
        var batch = (int)segment.Keys.shape[0];
        if (segment.Keep is not { } keep)
            return [.. Enumerable.Repeat(segment.Width, batch)];
        using var scope = NewDisposeScope();
        return [.. keep.sum(-1).amax(1).expand(batch).cpu().contiguous().data<long>().Select(held => (int)held)];
    }

    /// <summary>Keeps each row's best entries of a prompt that has been read; nothing happens where all rows hold at
    /// most what they may.</summary>
    /// <param name="pass">Whose layer is cut down.</param>
    /// <param name="counts">How many stay per row.</param>
    /// <param name="scores">Gives scores [B, Hkv or 1, S] float32 of what is held; higher stays.</param>
    public static void CutDown(KvPass pass, IReadOnlyList<int> counts, Func<KvSegment, Tensor> scores)
    {
        using var scope = NewDisposeScope();
        var segment = pass.Cache.ReadAsOne();
        if (Held(segment).Zip(counts).Any(row => row.First > row.Second))
            pass.Cache.Apply(Best(scores(segment), segment, counts));
    }

    /// <summary>Keeps each row's best entries, in the order of time; holes of rows that keep fewer come first, so that
    /// the newest entries are the last columns of every row.</summary>
    /// <param name="scores">[B, Hkv or 1, S] float32; higher stays.</param>
    /// <param name="segment">The entries; those that do not count never stay.</param>
    /// <param name="counts">How many stay per row.</param>
    public static KvEdit Best(Tensor scores, KvSegment segment, IReadOnlyList<int> counts)
    {
        using var scope = NewDisposeScope();
        if (segment.Keep is { } keep)
            scores = scores.masked_fill(keep.logical_not(), double.NegativeInfinity);
        var width = segment.Width;
        var most = Math.Min(width, counts.Max());
        var (_, best) = scores.topk(most, -1); // [B, heads, K]
        var rows = tensor(counts.Select(count => (long)count).ToArray(), device: best.device).view(-1, 1, 1);
        var surplus = arange(most, device: best.device) >= rows; // [B, 1, K]
        var (ordered, _) = best.masked_fill(surplus, -1).sort(-1);
        return new(ordered.clamp(min: 0).MoveToOuterDisposeScope(), (ordered >= 0).MoveToOuterDisposeScope());
    }

    /// <summary>Places among those that stay of an edit, by column [B, heads, S] int64; −1 for those that
    /// leave.</summary>
    public static Tensor PlacesOf(KvEdit edit, int width)
    {
        using var scope = NewDisposeScope();
        var (batch, heads, most) = (edit.Index.shape[0], edit.Index.shape[1], edit.Index.shape[2]);
        var index = edit.Valid is { } valid
            ? edit.Index.masked_fill(valid.expand_as(edit.Index).logical_not(), width)
            : edit.Index;
        var places = arange(most, device: index.device).expand(batch, heads, most);
        return full([batch, heads, width + 1], -1, ScalarType.Int64, index.device)
            .scatter(2, index, places)
            .narrow(2, 0, width)
            .clone()
            .MoveToOuterDisposeScope();
    }

    /// <summary>Adds what a pass's queries gave each entry, the mean over those of a key-value head, to what it had;
    /// gives the new sums [B, Hkv, S].</summary>
    public static Tensor Accumulate(KvPass pass)
    {
        using var scope = NewDisposeScope();
        var cache = (ContiguousLayerCache)pass.Cache;
        var sums = pass.Observed.ColumnSums!;
        var heads = cache.Shape.Heads;
        var mean = sums.view(sums.shape[0], heads, sums.shape[1] / heads, sums.shape[2]).mean([2]);
        cache.Scores = cache.Scores is { } earlier ? earlier + mean : mean;
        return cache.Scores!.MoveToOuterDisposeScope();
    }

    /// <summary>The columns of a part of a layer among those of an edit, in their order, behind holes where rows or
    /// heads have fewer.</summary>
    public static KvEdit Compact(Tensor inside, Tensor columns)
    {
        using var scope = NewDisposeScope();
        var count = inside.shape[2];
        var lengths = inside.sum(-1, keepdim: true);
        var longest = lengths.max().item<long>();
        var order = (arange(count, device: inside.device) + inside.to(ScalarType.Int64) * count).argsort(-1);
        var last = order.narrow(2, count - longest, longest);
        var index = columns.expand_as(inside).gather(2, last).clamp(min: 0);
        var valid = arange(longest, device: inside.device).ge(longest - lengths);
        index = index.masked_fill(valid.logical_not(), 0);
        return new(index.MoveToOuterDisposeScope(), valid.MoveToOuterDisposeScope());
    }

    /// <summary>Mean over the queries that share a key-value head: [B, H, S] → [B, Hkv, S].</summary>
    public static Tensor ByKeyValueHead(Tensor weights, KvSegment segment)
    {
        var heads = segment.Keys.shape[1];
        return weights.view(weights.shape[0], heads, weights.shape[1] / heads, weights.shape[2]).mean([2]);
    }
}
