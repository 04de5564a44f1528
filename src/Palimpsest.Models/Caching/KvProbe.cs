namespace Palimpsest.Models;

/// <summary>Measures what a cache still foretells of tokens: how surprising they are when they are read behind
/// it.</summary>
internal sealed class KvProbe
{
    private readonly CausalLM? _reader;
    private readonly Tensor _ids;
    private readonly Tensor? _real;

    /// <summary>Remembers the tokens of a span; the tensors are of the scope that is open.</summary>
    public KvProbe(KvCache cache, KvSpan span)
    {
        _reader = cache.Record.Lack is null ? cache.Reader : null;
        _ids = cache.Record.Ids(span.Start, span.Length, cache.Reader?.Device ?? CPU);
        _real = cache.Real?.narrow(1, span.Start, span.Length).clone();
    }

    /// <summary>Mean of −log p of the tokens but the first, in nats, behind a copy of a cache; null where there is no
    /// second token, or no room for them behind it.</summary>
    public double? Surprise(KvCache cache)
    {
        var count = (int)_ids.shape[1];
        var fits = cache.IsRelative || cache.Length + count <= _reader?.Config.LongestSequence;
        if (_reader is null || count < 2 || !fits || _ids.lt(0).any().item<bool>())
            return null;
        using var scope = NewDisposeScope();
        using var copy = cache.Fork();
        var real = Behind(cache, count);
        var output = _reader.Forward(
            new()
            {
                TokenIds = _ids,
                AttentionMask = real,
                Cache = copy,
                Phase = KvPhase.PrefillChunk,
            }
        );
        var foretold = output.Logits!.narrow(1, 0, count - 1).log_softmax(-1);
        var later = _ids.narrow(1, 1, count - 1);
        var surprise = -foretold.gather(2, later.unsqueeze(-1)).squeeze(-1); // [B, n - 1]
        var counted = _real is null ? ones_like(surprise) : _real.narrow(1, 0, count - 1).to(ScalarType.Float32);
        var sum = counted.sum().item<float>();
        return sum > 0 ? (surprise * counted).sum().item<float>() / sum : null;
    }

    private Tensor? Behind(KvCache cache, int count)
    {
        if (cache.Real is not { } real)
            return null;
        var own = real.narrow(1, 0, cache.Length);
        var late = _real ?? ones([real.shape[0], count], ScalarType.Bool, device: real.device);
        return cat([own, late.logical_or(own.any(1, keepdim: true))], 1); // behind real tokens there is no padding
    }
}
