namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="Think"/>.</summary>
public sealed record ThinkOptions
{
    /// <summary>The share of the keys' channels that goes, in [0, 1).</summary>
    public double Channels
    {
        get;
        init =>
            field =
                value >= 0 && value < 1
                    ? value
                    : throw new ArgumentOutOfRangeException(nameof(Channels), value, "Channels must be in [0, 1).");
    } = 0.4;

    /// <summary>Last queries of the prompt that weigh the channels, at least 1.</summary>
    public int Window
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 32;

    /// <summary>Newest entries of the prompt that keep all channels, from 0.</summary>
    public int Recent
    {
        get;
        init => field = Require.AtLeast(value, 0);
    } = 32;
}

/// <summary>Channels of the keys that carry least of the scores are taken out. Xu et al. 2024,
/// arXiv:2407.21018.</summary>
/// <remarks>
/// Channel c weighs mean(q_c²) · mean(k_c²), the order of ‖Q_c K_cᵀ‖ in the Frobenius norm, over the last
/// queries of a key-value head's group and all its keys; the floor(share · Dh) lightest go, head by head. The keys are
/// really narrower; values, the newest entries, and those that come after are whole. A later prompt's entries lose the
/// same channels.
/// </remarks>
public sealed class Think(ThinkOptions options) : IKvPolicy
{
    /// <inheritdoc/>
    public string Id => "think";

    /// <inheritdoc/>
    public KvStage Stage => KvStage.Channels;

    /// <inheritdoc/>
    public bool ActsAtSteps => false;

    /// <inheritdoc/>
    public int ObservedQueries => options.Window;

    /// <inheritdoc/>
    public LayerCache NewLayer(LayerShape shape, DecoderConfig config) => new ThinLayerCache(shape);

    /// <inheritdoc/>
    public void AfterAttention(KvPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var (cache, size) = ((ThinLayerCache)pass.Cache, pass.Cache.Shape.HeadSize);
        var gone = (int)(options.Channels * size);
        if (pass.Phase != KvPhase.PrefillEnd || gone == 0)
            return;
        using var scope = NewDisposeScope();
        var weights = cache.Channels is null ? Weights(pass.Query, cache.ReadAsOne(), options.Window) : null;
        cache.Thin(options.Recent, () => weights!.topk(size - gone, -1).indexes.sort(-1).Values);
    }

    /// <summary>Weights of channels [B, Hkv, Dh].</summary>
    internal static Tensor Weights(SegmentedQuery query, KvSegment segment, int window)
    {
        using var scope = NewDisposeScope();
        var asked = (query.Rotated ?? query.Unrotated).square(); // [B, H, N, Dh]
        var last = Math.Min(window, asked.shape[2]);
        asked = asked.narrow(2, asked.shape[2] - last, last);
        if (query.Real is { } real)
            asked = asked * real.narrow(1, real.shape[1] - last, last).unsqueeze(1).unsqueeze(-1);
        var (batch, heads) = (asked.shape[0], segment.Keys.shape[1]);
        var queries = asked.sum(2).view(batch, heads, -1, asked.shape[3]).mean([2]);
        var keys = segment.Keys.square();
        if (segment.Keep is { } keep)
            keys = keys * keep.unsqueeze(-1);
        return (queries * keys.sum(2)).MoveToOuterDisposeScope(); // means of as many for every channel
    }
}
