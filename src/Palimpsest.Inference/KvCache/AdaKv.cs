namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="AdaKv"/>.</summary>
public sealed record AdaKvOptions : SnapKvOptions
{
    /// <summary>The share of an even budget that every head has in any case, in [0, 1].</summary>
    public double Safeguard
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.2;
}

/// <summary>The heads of a layer share one budget: entries compete across heads. Feng et al. 2024,
/// arXiv:2407.11550.</summary>
/// <remarks>
/// SnapKV's votes; each head's best safeguard · budget entries are sure, the best of all heads' others fill up to
/// budget · heads. Heads hold different numbers of entries, each in a buffer of its own size. Weights are
/// comparable across heads, since each head's sum to 1.
/// </remarks>
public sealed class AdaKv(AdaKvOptions options) : IKvPolicy
{
    private const float Sure = 10; // above every vote and the window's

    private readonly SnapKv _vote = new(options);

    /// <inheritdoc/>
    public string Id => "ada-kv";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => false;

    /// <inheritdoc/>
    public int ObservedQueries => options.Window;

    /// <inheritdoc/>
    public AttentionWants Wants(KvPhase phase, int layer) => _vote.Wants(phase, layer);

    /// <inheritdoc/>
    public LayerCache NewLayer(LayerShape shape, DecoderConfig config) => new HeadwiseLayerCache(shape);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Phase != KvPhase.PrefillEnd)
            return;
        using var scope = NewDisposeScope();
        var segment = pass.Cache.ReadAsOne();
        var budgets = pass.RealTokens.Select(options.Budget.Of).ToArray();
        if (!EntrySelection.Held(segment).Zip(budgets).Any(row => row.First > row.Second))
            return;
        pass.Cache.Apply(Choose(_vote.Scores(pass.Observed.LastRows!, segment), segment, budgets));
    }

    /// <summary>The best entries of all heads together.</summary>
    /// <param name="scores">[B, Hkv, S].</param>
    /// <param name="segment">The entries.</param>
    /// <param name="budgets">Entries per head, on average, of each row.</param>
    internal KvEdit Choose(Tensor scores, KvSegment segment, IReadOnlyList<int> budgets)
    {
        using var scope = NewDisposeScope();
        var (batch, heads, width) = (scores.shape[0], scores.shape[1], scores.shape[2]);
        var counted = (segment.Keep ?? ones([1, 1, 1], ScalarType.Bool, scores.device)).expand(batch, heads, width);
        var ranked = scores.masked_fill(counted.logical_not(), double.NegativeInfinity);
        var sure = PerRow(budgets.Select(budget => (long)(budget * options.Safeguard)));
        var inHead = ranked.argsort(-1, descending: true).argsort(-1); // 0 is the head's best
        ranked = where(inHead.lt(sure.unsqueeze(-1)).logical_and(counted), ranked + Sure, ranked);
        var flat = ranked.view(batch, heads * width);
        var all = PerRow(budgets.Select(budget => budget * heads));
        var stays = flat.argsort(-1, descending: true).argsort(-1).lt(all).view(batch, heads, width);
        var columns = arange(width, device: scores.device).expand(batch, heads, width);
        var edit = EntrySelection.Compact(stays.logical_and(counted), columns);
        return new(edit.Index.MoveToOuterDisposeScope(), edit.Valid!.MoveToOuterDisposeScope());

        Tensor PerRow(IEnumerable<long> rows) => tensor(rows.ToArray(), device: scores.device).view(-1, 1);
    }
}
