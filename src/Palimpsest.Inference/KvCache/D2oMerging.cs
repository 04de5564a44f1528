namespace Palimpsest.Inference;

/// <summary>Cuts a layer down to its heavy hitters and newest entries and merges what leaves into what stays.</summary>
/// <param name="options">Settings.</param>
internal sealed class D2oMerging(D2oOptions options)
{
    private const float Sink = 1e30f; // above every sum of attention, below what is newest
    private const float Earlier = 1e24f; // where not all sinks can stay, the first do
    private const string Threshold = "d2o: threshold"; // [B, Hkv]

    /// <summary>Cuts rows down to their budgets; those with a budget of 0 hold everything.</summary>
    public void CutDown(ContiguousLayerCache cache, IReadOnlyList<RowBudget> budgets)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var segment = cache.ReadAsOne();
        var held = EntrySelection.Held(segment);
        var counts = held.Zip(budgets, (row, budget) => budget.Entries == 0 ? row : budget.Entries).ToArray();
        if (!held.Zip(counts).Any(row => row.First > row.Second))
            return;
        MarkSinks(cache, segment);
        var recent = PerRow(budgets.Select(budget => (long)budget.Recent));
        var columns = arange(segment.Width, device: segment.Keys.device);
        var sums = cache.Scores!.clamp(max: Sink);
        var scores = (sums - sums.ge(Sink) * columns * Earlier).masked_fill(
            columns >= segment.Width - recent,
            double.PositiveInfinity
        );
        var edit = EntrySelection.Best(scores, segment, counts);
        if (options.Merges)
            edit = edit with
            {
                Merge = Merge(cache, edit, segment, [.. held.Zip(counts, (row, left) => Math.Max(0, row - left))]),
            };
        cache.Apply(edit);

        Tensor PerRow(IEnumerable<long> rows) => tensor(rows.ToArray(), device: segment.Keys.device).view(-1, 1, 1);
    }

    /// <summary>The first entries' sums are infinite from now on.</summary>
    private void MarkSinks(ContiguousLayerCache cache, KvSegment segment)
    {
        var places = segment.Keep is { } keep
            ? keep.to(ScalarType.Int64).cumsum(-1) - 1
            : arange(segment.Width, device: segment.Keys.device).view(1, 1, -1);
        cache.Scores = cache.Scores!.masked_fill(places < options.Sinks, double.PositiveInfinity);
    }

    /// <summary>What flows where. Entries that leave stand in the order of time.</summary>
    private KvMerge Merge(ContiguousLayerCache cache, KvEdit edit, KvSegment segment, int[] leaving)
    {
        var (batch, heads, width) = (segment.Keys.shape[0], segment.Keys.shape[1], segment.Width);
        var most = leaving.Max();
        var stays = EntrySelection.PlacesOf(edit, width).ge(0).expand(batch, heads, width);
        if (segment.Keep is { } keep)
            stays = stays.logical_or(keep.logical_not()); // what does not count does not leave
        var columns = arange(width, device: segment.Keys.device);
        var from = (columns + stays.to(ScalarType.Int64) * width).argsort(-1).narrow(2, 0, most); // [B, Hkv, E]
        var exists = arange(most, device: from.device).lt(tensor(leaving, device: from.device).view(-1, 1, 1));
        var (cosine, to) = Nearest(segment, edit, from); // [B, Hkv, E]
        var merged = options.Threshold ? Above(cache, cosine, exists) : exists.expand_as(cosine);
        var (own, weights) = Weights(cosine, to, merged, (int)edit.Index.shape[2]);
        return new(from, to, weights) { Own = own, ValuesOnly = options.ValuesOnly };
    }

    /// <summary>Largest cosines of what leaves with what stays, and with which.</summary>
    private static (Tensor Cosine, Tensor To) Nearest(KvSegment segment, KvEdit edit, Tensor from)
    {
        var keys = nn.functional.normalize(segment.Keys, dim: -1, eps: 1e-6);
        var (batch, heads, size) = (keys.shape[0], keys.shape[1], keys.shape[3]);
        var survivors = Of(edit.Index.expand(batch, heads, edit.Index.shape[2]));
        var cosines = matmul(Of(from), survivors.transpose(2, 3)); // [B, Hkv, E, K]
        if (edit.Valid is { } valid)
            cosines = cosines.masked_fill(
                valid.expand(batch, heads, edit.Index.shape[2]).logical_not().unsqueeze(2),
                double.NegativeInfinity
            );
        return cosines.max(-1);

        Tensor Of(Tensor columns) => keys.gather(2, columns.unsqueeze(-1).expand(-1, -1, -1, size));
    }

    /// <summary>Which cosines reach the threshold, which they move first.</summary>
    private Tensor Above(ContiguousLayerCache cache, Tensor cosine, Tensor exists)
    {
        var judged = options.Rule == D2oRule.Code ? cosine.mean([1], keepdim: true).expand_as(cosine) : cosine;
        var count = exists.sum(-1).clamp(min: 1);
        var mean = judged.masked_fill(exists.logical_not(), 0).sum(-1) / count; // [B, Hkv]
        var threshold = mean;
        if (cache.Notes.Find(Threshold) is { } old)
        {
            var largest = judged.masked_fill(exists.logical_not(), double.NegativeInfinity).amax([-1]);
            var newest = options.Rule == D2oRule.Code ? mean : largest;
            var moved = old * (1 - options.Beta) + newest * options.Beta;
            moved = where(exists.any(-1).expand_as(old), moved, old);
            threshold = where(old.isnan(), mean, moved);
        }

        threshold = threshold.masked_fill(exists.any(-1).logical_not().logical_and(FirstTime()), float.NaN);
        cache.Notes.Set(Threshold, threshold.clone());
        return judged.ge(threshold.unsqueeze(-1)).logical_and(exists);

        Tensor FirstTime() => cache.Notes.Find(Threshold)?.isnan() ?? ones_like(threshold, dtype: ScalarType.Bool);
    }

    private (Tensor Own, Tensor Weights) Weights(Tensor cosine, Tensor to, Tensor merged, int survivors)
    {
        long[] shape = [to.shape[0], to.shape[1], survivors];
        var code = options.Rule == D2oRule.Code;
        var flow = (code ? cosine : cosine.exp()).masked_fill(merged.logical_not(), 0);
        var counted = code ? merged.to(ScalarType.Float32) : flow;
        var self = code ? 1 : options.SelfWeight;
        var whole = zeros(shape, device: to.device).scatter_add(2, to, counted) + self;
        return (self / whole, flow / whole.gather(2, to));
    }
}
