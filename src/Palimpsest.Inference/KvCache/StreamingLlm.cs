namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="StreamingLlm"/>.</summary>
public sealed record StreamingLlmOptions
{
    /// <summary>Entries that stay: tokens, or a share of the prompt. The sinks are among them.</summary>
    public KvBudget Budget { get; init; } = KvBudget.OfTokens(1024);

    /// <summary>First tokens that always stay, from 0.</summary>
    public int Sinks
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 4;

    /// <summary>True to keep the angles of the text in the place of those of the cache.</summary>
    public bool OriginalPositions { get; init; }
}

/// <summary>Attention sinks and a recent window; positions are counted inside the cache. Xiao et al. 2023.</summary>
/// <remarks>
/// arXiv:2309.17453. Keys are held unrotated from the first eviction on, so that a stream can be longer than the
/// model's positions. Models with learned positions keep those of the text, and kvpress keeps them for all.
/// </remarks>
public sealed class StreamingLlm(StreamingLlmOptions options) : IKvPolicy
{
    /// <inheritdoc/>
    public string Id => "streaming-llm";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Entries;

    /// <inheritdoc/>
    public bool ActsAtSteps => true;

    /// <inheritdoc/>
    public bool BoundsPositions => !options.OriginalPositions;

    /// <inheritdoc/>
    public LayerCache NewLayer(LayerShape shape, DecoderConfig config) =>
        new ContiguousLayerCache(shape, options.OriginalPositions ? null : config);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        using var scope = NewDisposeScope();
        var cache = (ContiguousLayerCache)pass.Cache;
        if (RowBudgets.Of(cache, pass, options.Budget) is not { } budgets || cache.Width <= budgets.Min(b => b.Entries))
            return;
        var segment = cache.ReadAsOne();
        if (!EntrySelection.Held(segment).Zip(budgets).Any(row => row.First > row.Second.Entries))
            return;
        var columns = arange(segment.Width, ScalarType.Float32, device: segment.Keys.device).view(1, 1, -1);
        var places = segment.Keep is { } keep ? keep.to(ScalarType.Int64).cumsum(-1) - 1 : columns;
        var scores = columns.expand(cache.Batch, 1, segment.Width).masked_fill(places < options.Sinks, segment.Width);
        cache.Apply(EntrySelection.Best(scores, segment, [.. budgets.Select(b => b.Entries)]));
    }
}
