namespace Palimpsest.Models;

/// <summary>Attention over a cache that has a policy, or that has dropped entries.</summary>
internal sealed partial class Attention
{
    /// <summary>[B, T, (H + 2·Hkv)·Dh] → [B, T, H·Dh]; then the policy acts.</summary>
    private Tensor AttendCached(Tensor projected, ForwardState state, bool explicitly)
    {
        var cache = state.Cache![_layer];
        var policy = state.Cache.Policy;
        var wants = policy?.Wants(state.Phase, _layer) ?? default;
        using var attention = new SegmentedAttention(_config, _layer, state.RotaryEmbedding);
        SegmentedQuery query;
        Tensor attended;
        AttentionObservation? observed = null;
        if (cache.IsPlain)
        {
            attended = AttendDense(projected, state, explicitly, out var queries);
            query = new(queries, queries, state.Positions!, state.RealNow);
        }
        else
        {
            if (state.IsTapped(_layer, TapPoint.AttentionWeights))
                throw new InvalidOperationException(
                    $"Layer {_layer} has dropped entries: its attention weights cannot be tapped."
                );
            (query, var keys, var values) = Split(cache, projected, state);
            if (cache.Attend(attention, query, keys, values) is { } own)
                return own; // which has decided what is held
            cache.Append(keys, values, new(state.Positions!, state.RealNow));
            if (cache.ReadByHeads(query.Unrotated) is { } groups)
                attended = attention.Run(query, groups);
            else
                (attended, observed) = attention.Run(
                    query,
                    cache.Read(query.Unrotated),
                    cache.Late is null ? wants : default
                );
        }

        if (policy is null)
            return attended;
        using var grad = no_grad();
        if (observed is null || cache.Late is not null)
            observed = Observe(attention, cache, query, wants);
        var asked = cache.Late is { } late && policy.ObservedQueries > 0 ? late.Before(query) : query;
        if (state.Phase == KvPhase.PrefillChunk && policy.ObservedQueries > 0)
            Remember(cache, query, policy.ObservedQueries);
        else
            Forget(cache);
        var pass = new KvPass
        {
            Cache = cache,
            Layer = _layer,
            Layers = _config.Layers,
            Phase = state.Phase,
            RealTokens = state.RealTokens,
            Config = _config,
            Whole = state.Cache,
            Query = asked,
            Observed = observed,
        };
        policy.Observe(pass);
        policy.AfterAttention(pass);
        return attended;
    }

    /// <summary>A pass's queries, and its keys and values as the cache wants them.</summary>
    private (SegmentedQuery Query, Tensor Keys, Tensor Values) Split(
        LayerCache cache,
        Tensor projected,
        ForwardState state
    )
    {
        var all = projected.view(state.Batch, state.Tokens, _heads + 2 * _kvHeads, _size);
        var plain = all.narrow(2, 0, _heads + _kvHeads);
        var rotated = state.Rotary is { } rotary ? rotary.Rotate(plain, (int)_size) : plain;
        var keys = (cache.Rotation == KeyRotation.Rotated ? rotated : plain).narrow(2, _heads, _kvHeads);
        var values = all.narrow(2, _heads + _kvHeads, _kvHeads);
        var query = new SegmentedQuery(
            plain.narrow(2, 0, _heads).transpose(1, 2),
            rotated.narrow(2, 0, _heads).transpose(1, 2),
            state.Positions!,
            state.RealNow
        );
        return (query, keys.transpose(1, 2), values.transpose(1, 2));
    }

    private static AttentionObservation Observe(
        SegmentedAttention attention,
        LayerCache cache,
        SegmentedQuery query,
        AttentionWants wants
    )
    {
        if (wants.IsNothing)
            return new();
        if (cache.Late is not { } late)
            return attention.Observe(query, cache.Read(query.Unrotated), wants);
        var asking = late.Before(query);
        var segments = cache.Read(asking.Unrotated);
        return new()
        {
            // Earlier parts had their own.
            ColumnSums = attention.Observe(query, segments, wants with { LastRows = 0 }).ColumnSums,
            LastRows = attention.Observe(asking, segments, wants with { ColumnSums = false }).LastRows,
        };
    }

    private static void Forget(LayerCache cache)
    {
        cache.Late?.Dispose();
        cache.Late = null;
    }

    private static void Remember(LayerCache cache, SegmentedQuery query, int most)
    {
        var before = cache.Late;
        cache.Late = LateQueries.Of(before is null ? query : before.Before(query), most);
        before?.Dispose();
    }
}
