namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="H2o"/>.</summary>
public sealed record H2oOptions
{
    /// <summary>Heavy hitters that stay per head: a share of the prompt, or tokens.</summary>
    public KvBudget Heavy { get; init; } = KvBudget.OfPrompt(0.1);

    /// <summary>Newest entries that always stay: a share of the prompt, or tokens.</summary>
    public KvBudget Recent { get; init; } = KvBudget.OfPrompt(0.1);
}

/// <summary>Entries that have drawn most attention so far stay beside the newest. Zhang et al. 2023,
/// arXiv:2306.14048.</summary>
/// <remarks>
/// a_j = Σ over all queries so far of softmax(q·k)_j, the mean over the queries of a key-value head; shares are fixed
/// at the end of the prompt. Entries really leave, one per step once the cache is full. Early tokens are favoured,
/// since more queries see them.
/// </remarks>
public sealed class H2o(H2oOptions options) : IKvPolicy
{
    /// <inheritdoc/>
    public string Id => "h2o";

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
        var segment = cache.ReadAsOne();
        var sums = EntrySelection.Accumulate(pass);
        if (RowBudgets.Of(cache, pass, options.Heavy, options.Recent) is not { } budgets)
            return;
        if (!EntrySelection.Held(segment).Zip(budgets).Any(row => row.First > row.Second.Entries))
            return;
        var recent = tensor(budgets.Select(b => (long)b.Recent).ToArray(), device: sums.device).view(-1, 1, 1);
        var isRecent = arange(segment.Width, device: sums.device) >= segment.Width - recent; // [B, 1, S]
        var scores = sums.masked_fill(isRecent, double.PositiveInfinity);
        cache.Apply(EntrySelection.Best(scores, segment, [.. budgets.Select(b => b.Entries)]));
    }
}
