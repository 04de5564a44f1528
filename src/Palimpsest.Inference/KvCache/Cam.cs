namespace Palimpsest.Inference;

/// <summary>Which attention decides whether an entry is merged.</summary>
public enum CamScore
{
    /// <summary>The sum over all queries so far.</summary>
    Accumulated,

    /// <summary>That of the newest query, as the authors' code for Llama has it.</summary>
    Newest,
}

/// <summary>Settings of <see cref="Cam"/>.</summary>
public sealed record CamOptions
{
    /// <summary>First entries that always stay: a share of the prompt, or tokens.</summary>
    public KvBudget Start { get; init; } = KvBudget.OfPrompt(0.1);

    /// <summary>Newest entries that always stay: a share of the prompt, or tokens.</summary>
    public KvBudget Recent { get; init; } = KvBudget.OfPrompt(0.1);

    /// <summary>Entries that a leaving value is divided among, at least 1; fewer may follow.</summary>
    public int Window
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Which attention decides.</summary>
    public CamScore Score { get; init; }

    /// <summary>The seed of the draws, which depend on it, the layer, the head and the entry's position
    /// alone.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>The value of an entry that leaves is merged, by chance, into the entries behind it. Zhang et al. 2024, CaM,
/// ICML.</summary>
/// <remarks>
/// p = min(1, a_i / mean over the next m entries of a); with probability p, head by head, v_j ← v_j + v_i / m for
/// these m. Keys stay as they are, and later entries that leave take what they were given along. What stays is a start
/// and a recent window; the entries of a prompt leave unmerged, as in the authors' code, and then one a token. Draws
/// are the same whatever rows are beside.
/// </remarks>
public sealed class Cam(CamOptions options) : IKvPolicy
{
    /// <inheritdoc/>
    public string Id => "cam";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => true;

    /// <summary>Uniform numbers in [0, 1) by layer, head and position, in the place of the seed's.</summary>
    internal Func<int, int, long, double>? Draws { get; init; }

    /// <inheritdoc/>
    public AttentionWants Wants(KvPhase phase, int layer) =>
        new(ColumnSums: true, LastRows: options.Score == CamScore.Newest ? 1 : 0);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        using var scope = NewDisposeScope();
        var cache = (ContiguousLayerCache)pass.Cache;
        var sums = EntrySelection.Accumulate(pass);
        if (RowBudgets.Of(cache, pass, options.Start, options.Recent) is not { } budgets)
            return;
        var segment = cache.ReadAsOne();
        var held = EntrySelection.Held(segment);
        if (!held.Zip(budgets).Any(row => row.First > row.Second.Entries))
            return;
        var columns = arange(segment.Width, device: sums.device).view(1, 1, -1);
        var places = segment.Keep is { } keep ? keep.to(ScalarType.Int64).cumsum(-1) - 1 : columns;
        var start = PerRow(budgets.Select(budget => (long)(budget.Entries - budget.Recent)));
        var scores = columns
            .to(ScalarType.Float32)
            .expand(cache.Batch, 1, segment.Width)
            .masked_fill(places < start, segment.Width);
        var edit = EntrySelection.Best(scores, segment, [.. budgets.Select(budget => budget.Entries)]);
        if (pass.Phase == KvPhase.Step)
        {
            var weights =
                options.Score == CamScore.Newest
                    ? EntrySelection.ByKeyValueHead(pass.Observed.LastRows!.select(2, -1), segment)
                    : sums;
            var holes = PerRow(held.Select(row => (long)(segment.Width - row)));
            var over = PerRow(held.Zip(budgets, (row, budget) => row > budget.Entries ? 1L : 0));
            edit = edit with { Merge = Merge(edit, weights, holes + start, over, pass.Layer, segment) };
        }

        cache.Apply(edit);

        Tensor PerRow(IEnumerable<long> rows) => tensor(rows.ToArray(), device: sums.device).view(-1, 1, 1);
    }

    /// <summary>Chances of the entries in some columns to be merged into those behind them.</summary>
    /// <param name="weights">Attention [B, Hkv, S].</param>
    /// <param name="leaving">Columns [B, 1, 1] int64.</param>
    /// <param name="reach">Entries behind it that its attention is compared with.</param>
    /// <returns>[B, Hkv, 1] in [0, 1].</returns>
    internal static Tensor Chance(Tensor weights, Tensor leaving, int reach)
    {
        using var scope = NewDisposeScope();
        var (batch, heads, width) = (weights.shape[0], weights.shape[1], weights.shape[2]);
        var columns = arange(width, device: weights.device).view(1, 1, -1);
        var inside = columns.gt(leaving).logical_and(columns.le(leaving + reach)).to(ScalarType.Float32);
        var mean = (weights * inside).sum(-1, keepdim: true) / inside.sum(-1, keepdim: true);
        var own = weights.gather(2, leaving.expand(batch, heads, 1));
        return (own / mean).nan_to_num(0, 1, 0).clamp(0, 1).MoveToOuterDisposeScope();
    }

    private KvMerge Merge(KvEdit edit, Tensor weights, Tensor leaving, Tensor over, int layer, KvSegment segment)
    {
        var (batch, heads, width) = (weights.shape[0], weights.shape[1], segment.Width);
        leaving = leaving.clamp(0, width - 1).expand(batch, 1, 1);
        var drawn = Drawn(layer, segment.Positions.expand(batch, 1, width).gather(2, leaving), heads)
            .lt(Chance(weights, leaving, options.Window)); // [B, Hkv, 1]
        var behind = leaving + arange(1, options.Window + 1, device: weights.device); // [B, 1, m]
        var exists = behind.lt(width).logical_and(over.ne(0));
        var to = EntrySelection.PlacesOf(edit, width).expand(batch, 1, width).gather(2, behind.clamp(0, width - 1));
        long[] shape = [batch, heads, options.Window];
        return new(
            leaving.expand(shape),
            to.clamp(0).expand(shape),
            drawn.logical_and(exists).logical_and(to.ge(0)).to(ScalarType.Float32) / options.Window
        )
        {
            ValuesOnly = true,
        };
    }

    /// <summary>Uniform numbers [B, Hkv, 1] for entries at positions [B, 1, 1].</summary>
    private Tensor Drawn(int layer, Tensor positions, long heads)
    {
        var draw = Draws ?? ((at, head, position) => Uniform(options.Seed, at, head, position));
        var rows = positions.cpu().contiguous().data<long>().ToArray();
        float[] numbers =
        [
            .. rows.SelectMany(position =>
                Enumerable.Range(0, (int)heads).Select(head => (float)draw(layer, head, position))
            ),
        ];
        return tensor(numbers, [rows.Length, heads, 1], device: positions.device);
    }

    private static double Uniform(int seed, int layer, int head, long position)
    {
        var state = (ulong)seed;
        foreach (var part in new[] { layer, head, position })
            state = Mixed(state ^ (ulong)part);
        return (state >> 11) * (1.0 / (1UL << 53));
    }

    // The finaliser of SplitMix64.
    private static ulong Mixed(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
