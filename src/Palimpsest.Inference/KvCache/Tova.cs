namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="Tova"/>.</summary>
public sealed record TovaOptions
{
    /// <summary>Entries that stay: a share of the prompt, or tokens.</summary>
    public KvBudget Budget { get; init; } = KvBudget.OfPrompt(0.25);
}

/// <summary>What the newest query likes least leaves. Oren et al. 2024, arXiv:2401.06104.</summary>
/// <remarks>score_j = mean over all heads of the last query's softmax(q·k)_j: one choice for all heads of a layer, row
/// by row. The newest token itself may leave.</remarks>
public sealed class Tova(TovaOptions options) : IKvPolicy
{
    /// <inheritdoc/>
    public string Id => "tova";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => true;

    /// <inheritdoc/>
    public AttentionWants Wants(KvPhase phase, int layer) => new(LastRows: 1);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        using var scope = NewDisposeScope();
        var cache = (ContiguousLayerCache)pass.Cache;
        if (RowBudgets.Of(cache, pass, options.Budget) is not { } budgets)
            return;
        var segment = cache.ReadAsOne();
        if (!EntrySelection.Held(segment).Zip(budgets).Any(row => row.First > row.Second.Entries))
            return;
        var scores = pass.Observed.LastRows!.select(2, -1).mean([1], keepdim: true); // [B, 1, S]
        cache.Apply(EntrySelection.Best(scores, segment, [.. budgets.Select(b => b.Entries)]));
    }
}
