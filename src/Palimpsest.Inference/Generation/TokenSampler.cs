using System.Numerics.Tensors;

namespace Palimpsest.Inference;

/// <summary>Draws one row's tokens: penalties, the caller's processors, temperature, top-k, top-p, min-p, in this
/// order.</summary>
internal sealed class TokenSampler
{
    // Below it, dividing would leave the range of float32; all but the likeliest have no probability long before.
    private const float LeastTemperature = 1e-30f;

    private readonly GenerationOptions _options;
    private readonly SeededRandom _random;
    private readonly IRowProcessor[] _processors;

    public TokenSampler(GenerationOptions options, ulong seed, RowStart row)
    {
        _options = options;
        _random = new(seed);
        IEnumerable<ILogitProcessor> processors = options.LogitProcessors;
        if (PenaltyProcessor.IsNeeded(options))
            processors = processors.Prepend(new PenaltyProcessor(options));
        _processors = [.. processors.Select(processor => processor.Begin(row))];
    }

    /// <summary>True when the likeliest token is not simply taken.</summary>
    public static bool IsNeeded(GenerationOptions options) =>
        options.Temperature > 0 || PenaltyProcessor.IsNeeded(options) || options.LogitProcessors.Count > 0;

    /// <summary>True once a processor says that the answer is complete.</summary>
    public bool IsComplete => Array.Exists(_processors, processor => processor.IsComplete);

    /// <summary>The next token.</summary>
    /// <param name="logits">Logits of the vocabulary; changed in place.</param>
    /// <exception cref="InputException">Some logit is NaN or infinite, or no token is allowed.</exception>
    public int Next(Span<float> logits)
    {
        foreach (var processor in _processors)
            processor.Process(logits);
        var largest = TensorPrimitives.Max((ReadOnlySpan<float>)logits);
        if (!float.IsFinite(largest))
            throw new InputException(
                float.IsNegativeInfinity(largest)
                    ? "Every token is forbidden: the answer cannot go on."
                    : $"The largest logit is {largest}; the model's weights or a processor are not sound."
            );
        var token =
            _options.Temperature == 0
                ? TensorPrimitives.IndexOfMax((ReadOnlySpan<float>)logits)
                : Draw(logits, largest);
        foreach (var processor in _processors)
            processor.Accept(token);
        return token;
    }

    private int Draw(Span<float> logits, float largest)
    {
        TensorPrimitives.Subtract(logits, largest, logits);
        TensorPrimitives.Divide(logits, Math.Max((float)_options.Temperature, LeastTemperature), logits);
        TensorPrimitives.SoftMax(logits, logits);
        var kept = Kept(logits);
        var total = 0.0;
        foreach (var id in kept)
            total += logits[id];
        var point = _random.Unit() * total;
        var last = kept[0];
        foreach (var id in kept)
        {
            if (logits[id] == 0)
                continue;
            last = id;
            point -= logits[id];
            if (point < 0)
                break;
        }

        return last;
    }

    private int[] Kept(ReadOnlySpan<float> probabilities)
    {
        if (_options is { TopK: 0, TopP: 1, MinP: 0 })
            return [.. Enumerable.Range(0, probabilities.Length)];
        var all = Candidates(probabilities);
        var keys = new float[all.Length];
        for (var i = 0; i < all.Length; i++)
            keys[i] = probabilities[all[i]];
        Array.Sort(keys, all);
        Array.Reverse(keys);
        Array.Reverse(all);
        var count = _options.TopK > 0 ? Math.Min(_options.TopK, all.Length) : all.Length;
        var total = 0.0;
        foreach (var probability in _options.TopK > 0 ? keys.AsSpan(0, count) : probabilities)
            total += probability;
        var (sum, last) = (0.0, 0);
        while (last < count && (last == 0 || (sum < _options.TopP * total && keys[last] >= _options.MinP * keys[0])))
            sum += keys[last++];
        return all[..last];
    }

    /// <summary>Tokens that can be among those kept, so that not the whole vocabulary has to be sorted.</summary>
    /// <remarks>All tokens below (1 − top-p)/V together hold less than 1 − top-p: the likeliest others reach top-p
    /// without them.</remarks>
    private int[] Candidates(ReadOnlySpan<float> probabilities)
    {
        var least =
            _options.TopK > 0
                ? 0
                : Math.Max(
                    0.5 * (1 - _options.TopP) / probabilities.Length,
                    0.5 * _options.MinP * TensorPrimitives.Max(probabilities)
                );
        var found = new int[probabilities.Length];
        var count = 0;
        for (var id = 0; id < probabilities.Length; id++)
        {
            if (probabilities[id] >= least)
                found[count++] = id;
        }

        return found[..count];
    }
}
