using System.Numerics.Tensors;

namespace Palimpsest.Inference;

/// <summary>Draws one row's tokens: repetition, frequency and presence penalties, temperature, top-k, top-p, min-p, in
/// this order.</summary>
internal sealed class TokenSampler
{
    private readonly GenerationOptions _options;
    private readonly SeededRandom _random;
    private readonly HashSet<int> _seen;
    private readonly Dictionary<int, int> _drawn = [];

    public TokenSampler(GenerationOptions options, ulong seed, IEnumerable<int> prompt)
    {
        _options = options;
        _random = new(seed);
        _seen = options.RepetitionPenalty == 1 ? [] : [.. prompt];
    }

    /// <summary>True when the likeliest token is not simply taken.</summary>
    public static bool IsNeeded(GenerationOptions options) =>
        options.Temperature > 0 || options.RepetitionPenalty != 1 || CountsTokens(options);

    /// <summary>The next token.</summary>
    /// <param name="logits">Logits of the vocabulary; changed in place.</param>
    public int Next(Span<float> logits)
    {
        foreach (var id in _seen)
            logits[id] = (float)(
                logits[id] > 0 ? logits[id] / _options.RepetitionPenalty : logits[id] * _options.RepetitionPenalty
            );
        foreach (var (id, count) in _drawn)
            logits[id] -= (float)(count * _options.FrequencyPenalty + _options.PresencePenalty);
        var token = _options.Temperature == 0 ? TensorPrimitives.IndexOfMax((ReadOnlySpan<float>)logits) : Draw(logits);
        if (_options.RepetitionPenalty != 1)
            _seen.Add(token);
        if (CountsTokens(_options))
            _drawn[token] = _drawn.GetValueOrDefault(token) + 1;
        return token;
    }

    private static bool CountsTokens(GenerationOptions options) =>
        options.FrequencyPenalty != 0 || options.PresencePenalty != 0;

    private int Draw(Span<float> logits)
    {
        TensorPrimitives.Divide(logits, (float)_options.Temperature, logits);
        TensorPrimitives.SoftMax(logits, logits);
        var kept = Kept(logits);
        var total = 0.0;
        foreach (var id in kept)
            total += logits[id];
        var point = _random.Unit() * total;
        foreach (var id in kept)
        {
            point -= logits[id];
            if (point < 0)
                return id;
        }

        return kept[^1];
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
