namespace Palimpsest.Models;

/// <summary>Grouped-query attention over the tokens of this pass and those in the cache.</summary>
internal sealed partial class Attention : nn.Module
{
    private readonly DecoderConfig _config;
    private readonly int _layer;
    private readonly int? _window;
    private readonly long _heads;
    private readonly long _kvHeads;
    private readonly long _size;
    private readonly double _scale;
    private readonly double _fusedScale;
    private readonly bool _splitFirst;
    private readonly bool _fused;
    private readonly ProjectionSlot _queryKeyValue;
    private readonly ProjectionSlot _output;
    private readonly Normalization? _queryNorm;
    private readonly Normalization? _keyNorm;

    public Attention(WeightBuilder weights, DecoderConfig config, int layer)
        : base("attention")
    {
        (_config, _layer, _window) = (config, layer, config.WindowOf(layer));
        (_heads, _kvHeads, _size) = (config.Heads, config.KeyValueHeads, config.HeadSize);
        _scale = config.ScaleOf(layer);
        _fusedScale = config.AttentionScale is null && !config.AttentionScaleByLayer ? 1 : _scale * Math.Sqrt(_size);
        _splitFirst =
            config.LearnedPositions
            || config.QueryKeyValueByHead
            || config.QueryKeyNorm != QueryKeyNorm.None
            || config.QueryKeyValueClip is not null;
        var names = weights.Names;
        long[] rows = [_heads * _size, _kvHeads * _size, _kvHeads * _size];
        var place = new WeightBuilder.Place(layer, ModelComponent.Attention);
        _queryKeyValue = weights.Linear(
            "query_key_value",
            names.QueryKeyValue.Count == 1
                ? [(weights.Path(layer, names.QueryKeyValue[0]), rows.Sum())]
                : [.. names.QueryKeyValue.Zip(rows, (name, count) => (weights.Path(layer, name), count))],
            config.HiddenSize,
            config.QueryKeyValueBias,
            place
        );
        _output = weights.Linear(
            "output",
            [(weights.Path(layer, names.AttentionOutput), config.HiddenSize)],
            rows[0],
            config.AttentionOutputBias,
            place,
            residual: true
        );
        _fused = !config.LearnedPositions && weights.OnCpu;
        _queryKeyValue.RegisterIn(this);
        _output.RegisterIn(this);
        if (config.QueryKeyNorm == QueryKeyNorm.None)
            return;
        var perHead = config.QueryKeyNorm == QueryKeyNorm.PerHead;
        _queryNorm = new(
            "query_norm",
            weights,
            config,
            weights.Path(layer, names.QueryNorm),
            perHead ? _size : rows[0],
            layer
        );
        _keyNorm = new(
            "key_norm",
            weights,
            config,
            weights.Path(layer, names.KeyNorm),
            perHead ? _size : rows[1],
            layer
        );
        register_module("query_norm", _queryNorm);
        register_module("key_norm", _keyNorm);
    }

    /// <summary>x [B, T, D] → [B, T, D].</summary>
    public Tensor Forward(Tensor x, ForwardState state)
    {
        var place = new DeltaContext(new(state, _layer));
        var projected = _queryKeyValue.Forward(x, place);
        var explicitly = _config.AttentionSoftCap is not null;
        var tapped =
            state.IsTapped(_layer, TapPoint.Query)
            || state.IsTapped(_layer, TapPoint.Key)
            || state.IsTapped(_layer, TapPoint.Value);
        if (_splitFirst || tapped)
            projected = Prepare(projected, state);
        var attended = state.Positions is not null
            ? AttendCached(projected, state, explicitly)
            : AttendDense(projected, state, explicitly, out _);
        attended = TapHeads(attended, state);
        return state.Tap(_output.Forward(attended, place), _layer, TapPoint.AttentionOutput);
    }

    /// <summary>The dense kernels over every token, those of a plain cache included: [B, T, H·Dh], and the rotated
    /// queries [B, H, T, Dh].</summary>
    private Tensor AttendDense(Tensor projected, ForwardState state, bool explicitly, out Tensor queries)
    {
        // The fused split's gradient needs one for each of its outputs; a cache may keep keys that nobody asks for.
        var recorded = state.Cache is not null && is_grad_enabled();
        var once = explicitly || state.Cache is not null || state.Tokens == 1;
        var repeats = once ? 1 : (int)(_heads / _kvHeads);
        (queries, var keys, var values) = // [B, heads, T, Dh]
            _fused && !recorded ? SplitFused(projected, state, repeats) : RotateThenSplit(projected, state);
        if (state.Cache?[_layer] is { } cache)
        {
            cache.Append(keys, values);
            (keys, values) = cache.Plain(); // [B, Hkv, S, Dh]
        }

        if (explicitly)
            return AttendExplicitly(queries, keys, values, state, out _);
        if (state.IsTapped(_layer, TapPoint.AttentionWeights))
        {
            var attended = AttendExplicitly(queries, keys, values, state, out var replaced);
            if (replaced)
                return attended;
        }

        return state.Tokens == 1 ? AttendOne(queries, keys, values, state) : AttendFused(queries, keys, values, state);
    }

    /// <summary>One pass on the CPU; keys and values are repeated for their queries where nothing else needs them
    /// single.</summary>
    private (Tensor Queries, Tensor Keys, Tensor Values) SplitFused(Tensor projected, ForwardState state, int repeats)
    {
        var kernel = new HeadSplitKernel(state.Batch, state.Tokens, (int)_heads, (int)_kvHeads, (int)_size, repeats);
        projected = TensorMemory.Contiguous(projected);
        if (!is_grad_enabled() || !projected.requires_grad)
            return kernel.Forward(projected, state.Rotary!.Value);
        var parts = HeadSplitFunction.apply(projected, kernel, state.Rotary!.Value);
        return (parts[0], parts[1], parts[2]);
    }

    private (Tensor Queries, Tensor Keys, Tensor Values) RotateThenSplit(Tensor projected, ForwardState state)
    {
        var all = projected.view(state.Batch, state.Tokens, _heads + 2 * _kvHeads, _size);
        var rotated = all.narrow(2, 0, _heads + _kvHeads);
        if (state.Rotary is { } rotary)
            rotated = rotary.Rotate(rotated, (int)_size);
        return (
            rotated.narrow(2, 0, _heads).transpose(1, 2),
            rotated.narrow(2, _heads, _kvHeads).transpose(1, 2),
            all.narrow(2, _heads + _kvHeads, _kvHeads).transpose(1, 2)
        );
    }

    /// <summary>Norms, bounds and taps, which come before the rotation; the parts are joined again, queries
    /// first.</summary>
    private Tensor Prepare(Tensor projected, ForwardState state)
    {
        var (q, k, v) = Split(projected, state); // [B, T, heads, Dh]
        var queries = Tap(Normalize(q, _queryNorm), TapPoint.Query, state);
        var keys = Tap(Normalize(k, _keyNorm), TapPoint.Key, state);
        var values = Tap(Clip(v), TapPoint.Value, state);
        if (ReferenceEquals(q, queries) && ReferenceEquals(k, keys) && ReferenceEquals(v, values) && !_splitFirst)
            return projected;
        return cat([queries, keys, values], 2).flatten(2);
    }

    private (Tensor Queries, Tensor Keys, Tensor Values) Split(Tensor projected, ForwardState state)
    {
        if (_config.QueryKeyValueByHead)
        {
            var parts = projected.view(state.Batch, state.Tokens, _heads, 3, _size).unbind(3);
            return (parts[0], parts[1], parts[2]);
        }

        var all = projected.view(state.Batch, state.Tokens, _heads + 2 * _kvHeads, _size);
        return (all.narrow(2, 0, _heads), all.narrow(2, _heads, _kvHeads), all.narrow(2, _heads + _kvHeads, _kvHeads));
    }

    private Tensor Normalize(Tensor heads, Normalization? norm)
    {
        if (norm is not null)
            heads =
                _config.QueryKeyNorm == QueryKeyNorm.PerHead
                    ? norm.forward(heads)
                    : norm.forward(heads.flatten(2)).view_as(heads);
        return Clip(heads);
    }

    private Tensor Clip(Tensor heads) => _config.QueryKeyValueClip is { } bound ? heads.clamp(-bound, bound) : heads;

    /// <summary>heads [B, T, heads, Dh], which taps see as [B, heads, T, Dh].</summary>
    private Tensor Tap(Tensor heads, TapPoint point, ForwardState state)
    {
        if (!state.IsTapped(_layer, point))
            return heads;
        var turned = heads.transpose(1, 2);
        var result = state.Tap(turned, _layer, point);
        return ReferenceEquals(result, turned) ? heads : result.transpose(1, 2);
    }

    private Tensor TapHeads(Tensor attended, ForwardState state)
    {
        if (!state.IsTapped(_layer, TapPoint.HeadOutput))
            return attended;
        var heads = attended.view(state.Batch, state.Tokens, _heads, _size);
        var result = Tap(heads, TapPoint.HeadOutput, state);
        return ReferenceEquals(result, heads) ? attended : result.reshape(attended.shape);
    }

    private Tensor AttendFused(Tensor queries, Tensor keys, Tensor values, ForwardState state)
    {
        var causal = state.Mask.IsPlainCausal(_window);
        var attended = nn.functional.scaled_dot_product_attention(
            Scale(queries, _fusedScale),
            Repeat(keys),
            Repeat(values),
            causal ? null : state.Mask.Bias(_window),
            0,
            causal
        );
        return attended.transpose(1, 2).reshape(state.Batch, state.Tokens, _heads * _size);
    }

    private Tensor AttendOne(Tensor queries, Tensor keys, Tensor values, ForwardState state)
    {
        // One query per head: the heads of a group become the queries of one key-value head, so nothing is repeated.
        var grouped = Scale(queries, _fusedScale).reshape(state.Batch, _kvHeads, _heads / _kvHeads, _size);
        return nn
            .functional.scaled_dot_product_attention(grouped, keys, values, state.Mask.Bias(_window), 0, false)
            .reshape(state.Batch, 1, _heads * _size);
    }

    private Tensor AttendExplicitly(Tensor queries, Tensor keys, Tensor values, ForwardState state, out bool replaced)
    {
        var scores = matmul(queries * _scale, Repeat(keys).transpose(-1, -2)); // [B, H, T, S]
        if (_config.AttentionSoftCap is { } cap)
            scores = (scores / cap).tanh() * cap;
        if (state.Mask.Bias(_window) is { } bias)
            scores = scores + bias;
        var own = scores.softmax(-1, ScalarType.Float32);
        var weights = state.Tap(own, _layer, TapPoint.AttentionWeights);
        replaced = !ReferenceEquals(weights, own);
        return matmul(weights, Repeat(values)).transpose(1, 2).reshape(state.Batch, state.Tokens, _heads * _size);
    }

    private static Tensor Scale(Tensor queries, double factor) => factor == 1 ? queries : queries * factor;

    private Tensor Repeat(Tensor heads)
    {
        if (_heads == _kvHeads)
            return heads;
        var shape = heads.shape;
        if (shape[1] == _heads)
            return heads;
        var (batch, length) = (shape[0], shape[2]);
        return heads
            .unsqueeze(2)
            .expand(batch, _kvHeads, _heads / _kvHeads, length, _size)
            .reshape(batch, _heads, length, _size);
    }
}
