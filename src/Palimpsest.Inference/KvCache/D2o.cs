namespace Palimpsest.Inference;

/// <summary>Layers get budgets by how even their attention is; what leaves is merged into the survivor that it
/// resembles. Wan et al. 2024, arXiv:2406.13035.</summary>
/// <remarks>
/// F = mean over the heads of the variance of their column sums, scaled to [0, 1] within the layer; a layer keeps the
/// share min(1, max(0.01, L · softmax(−F) · rho)) of the prompt: the heaviest hitters and the newest. Entry i that
/// leaves meets the survivor of the largest cosine u; where u ≥ tau, x_j ← (e · x_j + Σ exp(u_i) · x_i) / (e +
/// Σ exp(u_i)). tau is the mean of the first cosines, then (1 − beta) · tau + beta · (the largest of the new
/// ones). Shares, sizes and thresholds are a row's own.
/// </remarks>
public sealed class D2o(D2oOptions options) : IKvPolicy
{
    private const double LeastRatio = 0.01;
    private const double Rounding = 1e-5; // of float32 ratios
    private const string Sums = "d2o: column sums"; // [B, H, S]
    private const string Unevenness = "d2o: unevenness"; // [B]
    private const string Sizes = "d2o: sizes"; // [B, 2] int64, heavy and recent; 0 where everything stays

    private readonly D2oMerging _merging = new(options);

    /// <inheritdoc/>
    public string Id => "d2o";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => true;

    /// <inheritdoc/>
    public AttentionWants Wants(KvPhase phase, int layer) => new(ColumnSums: true);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        using var scope = NewDisposeScope();
        var cache = (ContiguousLayerCache)pass.Cache;
        _ = EntrySelection.Accumulate(pass);
        if (cache.Notes.Find(Sizes) is not null)
        {
            if (pass.Phase != KvPhase.PrefillChunk)
                CutDown(cache);
            return;
        }

        Collect(cache, pass);
        if (pass.Phase == KvPhase.PrefillChunk)
            return;
        cache.Notes.Set(Unevenness, UnevennessOf(cache.Notes.Find(Sums)!, cache.ReadAsOne().Keep));
        cache.Notes.Remove(Sums);
        if (pass.Layer < pass.Layers - 1)
            return;
        var layers = Enumerable
            .Range(0, pass.Whole?.Layers ?? 1)
            .Select(layer => (ContiguousLayerCache)(pass.Whole?[layer] ?? cache))
            .ToArray();
        Allocate(layers, pass.RealTokens);
        if (!options.AtFirstStep)
        {
            foreach (var layer in layers)
                CutDown(layer);
        }
    }

    /// <summary>Shares of the prompt that layers keep [B, L].</summary>
    /// <param name="unevenness">F [B, L].</param>
    /// <param name="share">rho of each row [B, 1], in (0, 1].</param>
    internal Tensor Ratios(Tensor unevenness, Tensor share)
    {
        using var scope = NewDisposeScope();
        var even = ones_like(unevenness) / unevenness.shape[1];
        var weights = options.LayerBudgets ? (-unevenness).softmax(-1) : even;
        return (weights * unevenness.shape[1] * share).clamp(LeastRatio, 1).MoveToOuterDisposeScope();
    }

    /// <summary>F [B] of column sums [B, H, S], entries that do not count left out.</summary>
    internal static Tensor UnevennessOf(Tensor sums, Tensor? keep)
    {
        using var scope = NewDisposeScope();
        var counted = (keep ?? ones([1, 1, 1], ScalarType.Bool, device: sums.device))
            .expand(sums.shape[0], 1, sums.shape[2])
            .to(ScalarType.Float32);
        var count = counted.sum(-1, keepdim: true);
        var mean = (sums * counted).sum(-1, keepdim: true) / count;
        var variance = ((sums - mean).square() * counted).sum(-1) / (count.squeeze(-1) - 1).clamp(min: 1); // [B, H]
        var (least, most) = (variance.amin([1], keepdim: true), variance.amax([1], keepdim: true));
        return ((variance - least) / (most - least + 1e-6)).mean([1]).MoveToOuterDisposeScope();
    }

    /// <summary>Fixes what each layer holds of rows whose prompts have so many tokens.</summary>
    private void Allocate(ContiguousLayerCache[] layers, IReadOnlyList<long> tokens)
    {
        var unevenness = stack([.. layers.Select(layer => layer.Notes.Find(Unevenness)!)], 1); // [B, L]
        double[] shares = [.. tokens.Select(count => Math.Min(1, (double)options.Budget.Of(count) / count))];
        if (options.Budget.Share > 0)
            shares = [.. tokens.Select(_ => options.Budget.Share)];
        var ratios = Ratios(unevenness, tensor(shares.Select(share => (float)share).ToArray()).unsqueeze(1)).cpu();
        foreach (var (at, layer) in layers.Index())
        {
            var exempt = at < options.ExemptFirst || at >= layers.Length - options.ExemptLast;
            var sizes = tokens
                .SelectMany(
                    (count, row) =>
                    {
                        var ratio = ratios[row, at].item<float>();
                        return exempt || ratio >= 1 || shares[row] >= 1 ? [0L, 0] : Split(count, ratio);
                    }
                )
                .ToArray();
            layer.Notes.Set(Sizes, tensor(sizes, [tokens.Count, 2]));
            layer.Notes.Remove(Unevenness);
        }

        long[] Split(long count, double ratio)
        {
            var length = (count + (options.AtFirstStep ? 1 : 0)) * ratio;
            return [Whole(length * options.Heavy), Whole(length * (1 - options.Heavy))];
        }
    }

    private static long Whole(double entries) => Math.Max(1, (long)(entries + Rounding));

    private static void Collect(ContiguousLayerCache cache, KvPass pass)
    {
        var sums = pass.Observed.ColumnSums!;
        if (cache.Notes.Find(Sums) is { } earlier)
        {
            var coming = zeros([sums.shape[0], sums.shape[1], sums.shape[2] - earlier.shape[2]], device: sums.device);
            sums = sums + cat([earlier, coming], 2);
        }

        cache.Notes.Set(Sums, sums.clone());
    }

    private void CutDown(ContiguousLayerCache cache)
    {
        var sizes = cache.Notes.Find(Sizes)!.data<long>().ToArray();
        _merging.CutDown(cache, [.. sizes.Chunk(2).Select(row => new RowBudget((int)(row[0] + row[1]), (int)row[1]))]);
    }
}
