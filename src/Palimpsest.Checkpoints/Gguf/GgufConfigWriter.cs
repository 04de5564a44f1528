namespace Palimpsest.Checkpoints;

/// <summary>A decoder's sizes and variants as the metadata of a GGUF file.</summary>
internal static class GgufConfigWriter
{
    /// <summary>Keys and values.</summary>
    /// <exception cref="InputException">The model does something that programs which run such files would not
    /// do.</exception>
    public static IEnumerable<KeyValuePair<string, object>> Write(DecoderConfig config, GgufArchitecture architecture)
    {
        Check(config, architecture);
        yield return Size("context_length", config.MaxPositions);
        yield return Size("embedding_length", config.HiddenSize);
        yield return Size("block_count", config.Layers);
        yield return Size("feed_forward_length", config.IntermediateSize);
        yield return Size("attention.head_count", config.Heads);
        yield return Size("attention.head_count_kv", config.KeyValueHeads);
        yield return Size("vocab_size", config.VocabularySize);
        yield return Real(architecture.EpsilonKey, config.NormEpsilon);
        if (config.LearnedPositions)
            yield break;
        yield return Size("attention.key_length", config.HeadSize);
        yield return Size("attention.value_length", config.HeadSize);
        yield return Size("rope.dimension_count", config.RotarySize > 0 ? config.RotarySize : config.HeadSize);
        yield return Real("rope.freq_base", config.RopeTheta);
        if (config.SlidingWindow is { } window)
            yield return Size("attention.sliding_window", window);
        if (config.AttentionSoftCap is { } attention)
            yield return Real("attn_logit_softcapping", attention);
        if (config.LogitSoftCap is { } logits)
            yield return Real("final_logit_softcapping", logits);
        foreach (var (key, value) in Scaling(config))
            yield return new(architecture.Key(key), value);

        KeyValuePair<string, object> Size(string key, int value) => new(architecture.Key(key), (uint)value);

        KeyValuePair<string, object> Real(string key, double value) => new(architecture.Key(key), (float)value);
    }

    /// <summary>The tensors of rotary factors.</summary>
    public static IEnumerable<GgufTensorSource> Factors(DecoderConfig config)
    {
        var count = (config.RotarySize > 0 ? config.RotarySize : config.HeadSize) / 2;
        switch (config.RopeScaling)
        {
            case { Kind: RopeScalingKind.Llama3 } scaling:
                yield return Tensor(
                    GgufRope.Divisors,
                    GgufRope.Llama3Divisors(
                        count,
                        config.RopeTheta,
                        scaling.Factor,
                        scaling.OriginalMaxPositions ?? config.MaxPositions,
                        scaling.LowFrequencyFactor,
                        scaling.HighFrequencyFactor
                    )
                );
                break;
            case { Kind: RopeScalingKind.LongRope } scaling:
                yield return Tensor(GgufRope.ShortFactors, [.. scaling.ShortFactors.Select(f => (float)f)]);
                yield return Tensor(GgufRope.LongFactors, [.. scaling.LongFactors.Select(f => (float)f)]);
                break;
        }

        static GgufTensorSource Tensor(string name, float[] values) =>
            new(name, GgufType.F32, [values.Length], () => tensor(values));
    }

    private static IEnumerable<(string Key, object Value)> Scaling(DecoderConfig config)
    {
        if (config.RopeScaling is not { } scaling || scaling.Kind == RopeScalingKind.Llama3)
            yield break;
        var size = config.RotarySize > 0 ? config.RotarySize : config.HeadSize;
        var attention = RotaryFrequencies.Compute(config, size, config.MaxPositions).Scale;
        yield return (
            "rope.scaling.type",
            scaling.Kind switch
            {
                RopeScalingKind.Linear => "linear",
                RopeScalingKind.Yarn => "yarn",
                RopeScalingKind.LongRope => "longrope",
                _ => throw new InputException(
                    $"Rotary scaling of the kind '{scaling.Kind}' cannot be said in a GGUF file."
                ),
            }
        );
        if (scaling.Kind != RopeScalingKind.LongRope)
            yield return ("rope.scaling.factor", (float)scaling.Factor);
        if (scaling.Kind == RopeScalingKind.Linear)
            yield break;
        yield return (
            "rope.scaling.original_context_length",
            (uint)(scaling.OriginalMaxPositions ?? config.MaxPositions)
        );
        if (scaling.Kind == RopeScalingKind.LongRope)
        {
            yield return ("rope.scaling.attn_factor", (float)attention);
            yield break;
        }

        // Readers multiply this factor by YaRN's own.
        yield return ("rope.scaling.attn_factor", (float)(attention / GgufRope.YarnAttention(scaling.Factor)));
        yield return ("rope.scaling.yarn_beta_fast", (float)scaling.BetaFast);
        yield return ("rope.scaling.yarn_beta_slow", (float)scaling.BetaSlow);
    }

    private static void Check(DecoderConfig config, GgufArchitecture architecture)
    {
        var gemma = architecture.Name == "gemma2";
        var expected = gemma || architecture.Name == "gpt2" ? Activation.GeluTanh : Activation.Silu;
        Require(config.Activation == expected, $"activation {config.Activation}");
        Require(
            config.RopeScaling is not { Kind: RopeScalingKind.Yarn, Truncate: false },
            "YaRN without rounded bounds"
        );
        Require(config.RotarySize == 0 || !architecture.PermutesQueriesAndKeys, "partial rotation");
        Require(architecture.Name is "llama" or "qwen2" or "gpt2" || !config.QueryKeyValueBias, "attention biases");
        Require(
            architecture.Name != "gpt2" || (config.AttentionScale is null && !config.AttentionScaleByLayer),
            "scaled attention"
        );
        var scale = gemma
            ? 1 / Math.Sqrt(GgufConfig.Gemma2Scalar(config.Layers, config.HiddenSize, config.Heads, config.HeadSize))
            : 0;
        Require(
            !gemma || Math.Abs((config.AttentionScale ?? 0) - scale) < 1e-6 * scale,
            "query_pre_attn_scalar other than the head's size"
        );
        Require(
            config.SlidingWindow is null
                || architecture.Name switch
                {
                    "llama" or "phi3" => config.WindowedLayers is null || config.WindowedLayers.Count == config.Layers,
                    "gemma2" => config.WindowedLayers is { } layers
                        && layers.SequenceEqual(Enumerable.Range(0, config.Layers).Where(l => l % 2 == 0)),
                    _ => false,
                },
            "windowed layers"
        );

        void Require(bool holds, string what)
        {
            if (!holds)
                throw new InputException(
                    $"This {config.Family} model has {what}, which a GGUF file of {architecture.Name} cannot say."
                );
        }
    }
}
