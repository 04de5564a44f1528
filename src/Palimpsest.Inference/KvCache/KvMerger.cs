namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="KvMerger"/>.</summary>
public sealed record KvMergerOptions
{
    /// <summary>Entries per head that a prompt is merged into: a share of it, or tokens; the most similar neighbours
    /// join. None for as many as the cosine leaves.</summary>
    public KvBudget? Budget { get; init; }

    /// <summary>The cosine of neighbouring keys from which on they join where there is no budget, in (-1, 1].</summary>
    public double Cosine
    {
        get;
        init => field = Require.InRange(value, above: -1, atMost: 1);
    } = 0.75;

    /// <summary>The share of the prompt's newest entries that join nothing, in [0, 1).</summary>
    public double Recent
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.17;

    /// <summary>The share of the prompt's entries with most attention that join nothing, in [0, 1).</summary>
    public double Heavy
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.12;

    /// <summary>The width of the Gaussian that weighs keys by their distance from the pivot's; 0 for a width of each
    /// set's own, from the distances in it.</summary>
    public double Sigma
    {
        get;
        init => field = Require.InRange(value, atLeast: 0);
    } = 5;

    /// <summary>Whether attention counts an entry as many times as tokens are in it, which the authors do
    /// not.</summary>
    public bool CountBias { get; init; }

    /// <summary>First layers that are left alone, from 0.</summary>
    public int ExemptFirst
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }

    /// <summary>Last layers that are left alone, from 0.</summary>
    public int ExemptLast
    {
        get;
        init => field = Require.AtLeast(value, 0);
    }
}

/// <summary>Runs of neighbours whose keys point the same way become one entry. Wang et al. 2024,
/// arXiv:2407.08454.</summary>
/// <remarks>
/// Neighbours join where neither is reserved and cos(k_i, k_i+1) is large enough. A run's pivot is the entry with most
/// attention, g_i = exp(−‖k_i − k_p‖² / (2 · sigma²)), and keys and values become Σ g_i · x_i / Σ g_i in
/// the pivot's place. The paper's multiplication of values by the number of tokens counts them in the numerator of
/// attention alone and is left out; the count bias counts them in both. Reserved shares give way where they exceed a
/// budget. Entries that come after the prompt are not merged.
/// </remarks>
public sealed class KvMerger : IKvPolicy
{
    private readonly KvMergerOptions _options;

    /// <summary>A policy with these settings.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The reserved shares leave nothing to merge.</exception>
    public KvMerger(KvMergerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options =
            options.Recent + options.Heavy < 1
                ? options
                : throw new ArgumentOutOfRangeException(
                    nameof(options),
                    options.Recent + options.Heavy,
                    "Recent and heavy must be below 1 together."
                );
    }

    /// <inheritdoc/>
    public string Id => "kvmerger";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Merging;

    /// <inheritdoc/>
    public bool ActsAtSteps => false;

    /// <inheritdoc/>
    public AttentionWants Wants(KvPhase phase, int layer) => new(ColumnSums: phase != KvPhase.Step);

    /// <inheritdoc/>
    public void Observe(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Phase == KvPhase.Step)
            return;
        using var scope = NewDisposeScope();
        _ = EntrySelection.Accumulate(pass);
    }

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Phase != KvPhase.PrefillEnd)
            return;
        using var scope = NewDisposeScope();
        var cache = (ContiguousLayerCache)pass.Cache;
        if (pass.Layer >= _options.ExemptFirst && pass.Layer < pass.Layers - _options.ExemptLast)
            Merge(cache, [.. pass.RealTokens.Select(tokens => _options.Budget?.Of(tokens))]);
        cache.Scores = null;
    }

    private void Merge(ContiguousLayerCache cache, int?[] targets)
    {
        var segment = cache.ReadAsOne();
        var (batch, heads, width) = (segment.Keys.shape[0], segment.Keys.shape[1], segment.Width);
        var keys = nn.functional.normalize(segment.Keys, dim: -1, eps: 1e-6);
        var similar = (keys.narrow(2, 1, width - 1) * keys.narrow(2, 0, width - 1)).sum(-1); // [B, Hkv, S - 1]
        var (cosines, weights) = (Values<float>(similar), Values<float>(cache.Scores!));
        var counted = Values<bool>(
            (segment.Keep ?? ones([1, 1, 1], ScalarType.Bool, device: keys.device)).expand(batch, heads, width)
        );
        var runs = Enumerable
            .Range(0, (int)(batch * heads))
            .Select(head =>
                MergingRuns.Of(
                    cosines.AsSpan(head * (width - 1), width - 1),
                    weights.AsSpan(head * width, width),
                    counted.AsSpan(head * width, width),
                    _options,
                    targets[head / (int)heads]
                )
            )
            .ToArray();
        if (runs.All(run => run.Index().All(column => column.Item < 0 || column.Item == column.Index)))
            return; // nothing joined
        cache.Apply(Edit(segment, runs));

        static T[] Values<T>(Tensor x)
            where T : unmanaged => x.cpu().contiguous().data<T>().ToArray();
    }

    /// <summary>Weights of entries within their runs [B, Hkv, S]: of each, its share of the entry that the run
    /// becomes.</summary>
    /// <param name="keys">[B, Hkv, S, Dh].</param>
    /// <param name="pivots">The column of each entry's pivot [B, Hkv, S] int64.</param>
    /// <param name="sigma">Width of the Gaussian; 0 for each run's own.</param>
    internal static Tensor WeightsOf(Tensor keys, Tensor pivots, double sigma)
    {
        using var scope = NewDisposeScope();
        var wide = pivots.unsqueeze(-1).expand(-1, -1, -1, keys.shape[3]);
        var distance = (keys - keys.gather(2, wide)).square().sum(-1);
        var width = full_like(distance, sigma);
        if (sigma == 0)
        {
            var size = PerRun(ones_like(distance));
            var mean = (PerRun(distance) / size).clamp(min: 1e-12);
            width = PerRun((-distance / (2 * mean)).exp()) / (size * Math.Sqrt(2));
        }

        var weight = (-distance / (2 * width.square())).exp();
        return (weight / PerRun(weight)).MoveToOuterDisposeScope();

        Tensor PerRun(Tensor x) => zeros_like(x).scatter_add(2, pivots, x).gather(2, pivots);
    }

    private KvEdit Edit(KvSegment segment, int[][] runs)
    {
        var (batch, heads, width) = (segment.Keys.shape[0], segment.Keys.shape[1], segment.Width);
        var device = segment.Keys.device;
        var lengths = runs.Select(pivots => pivots.Where(pivot => pivot >= 0).Distinct().Count()).ToArray();
        var most = lengths.Max();
        var index = new long[runs.Length * most];
        var valid = new bool[index.Length];
        var to = new long[runs.Length * width];
        var pivotOf = new long[to.Length];
        for (var head = 0; head < runs.Length; head++)
        {
            var place = most - lengths[head];
            foreach (var pivot in runs[head].Where(pivot => pivot >= 0).Distinct().Order())
            {
                (index[head * most + place], valid[head * most + place]) = (pivot, true);
                for (var column = 0; column < width; column++)
                {
                    if (runs[head][column] == pivot)
                        to[head * width + column] = place;
                }

                place++;
            }

            for (var column = 0; column < width; column++)
                pivotOf[head * width + column] = runs[head][column] < 0 ? column : runs[head][column];
        }

        long[] all = [batch, heads, width];
        var (places, pivots) = (tensor(to, all, device: device), tensor(pivotOf, all, device: device));
        var columns = arange(width, device: device).expand(all);
        var share = WeightsOf(segment.Keys, pivots, _options.Sigma);
        var left = tensor(index, [batch, heads, most], device: device);
        var flows = share.masked_fill(pivots.eq(columns), 0); // of those that are not pivots, nor holes
        var sizes = segment.Counts ?? ones(all, device: device);
        var counts = sizes.gather(2, left).scatter_add(2, places, sizes.masked_fill(pivots.eq(columns), 0));
        return new(left, tensor(valid, [batch, heads, most], device: device))
        {
            Merge = new(columns, places, flows)
            {
                Own = share.gather(2, left),
                Counts = _options.CountBias ? counts : null,
            },
        };
    }
}
