namespace Palimpsest.Inference;

/// <summary>Settings of <see cref="RetrievalHeadSearch"/>.</summary>
public sealed record RetrievalHeadSearchOptions
{
    /// <summary>Random tokens that are repeated, at least 2. The authors take 2500; attention of all of them by all is
    /// held once a layer.</summary>
    public int Block
    {
        get;
        init => field = Require.AtLeast(value, 2);
    } = 128;

    /// <summary>How often the block is read, at least 2.</summary>
    public int Repeats
    {
        get;
        init => field = Require.AtLeast(value, 2);
    } = 4;

    /// <summary>The share of all heads that are taken for looking at earlier copies of a token, in [0, 1].</summary>
    public double Echo
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.01;

    /// <summary>The share of all heads that are taken for looking at what came after earlier copies, in [0,
    /// 1].</summary>
    public double Induction
    {
        get;
        init => field = Require.InRange(value, atLeast: 0, atMost: 1);
    } = 0.14;

    /// <summary>The seed of the random tokens.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>Finds the heads that look far back, from random tokens read several times. Tang et al. 2024,
/// arXiv:2407.15891.</summary>
/// <remarks>
/// With a block of K tokens, echo is the attention of queries past the first block at the distances m · K, induction
/// at m · K − 1, both the mean over these queries; a key-value head has the most of its queries. The best
/// round(share · heads) of each over all layers are taken, at least one in all.
/// </remarks>
public sealed class RetrievalHeadSearch(RetrievalHeadSearchOptions options)
{
    /// <summary>Searches a model's heads.</summary>
    /// <exception cref="InputException">The model has too few positions or words, or the shares choose no
    /// head.</exception>
    public RetrievalHeads Run(CausalLM model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var config = model.Config;
        var length = options.Block * options.Repeats;
        if (length > config.LongestSequence)
            throw new InputException(
                $"{options.Repeats} blocks of {options.Block} tokens are {length}; the model has "
                    + $"{config.LongestSequence} positions."
            );
        if (options.Block > config.VocabularySize)
            throw new InputException(
                $"A block of {options.Block} tokens needs as many words; the model has {config.VocabularySize}."
            );
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var evaluation = model.Evaluate();
        var block = new SeededRandom(options.Seed).Permutation(config.VocabularySize)[..options.Block];
        long[] ids = [.. Enumerable.Range(0, length).Select(i => (long)block[i % options.Block])];
        var tap = new RetrievalHeadTap(options.Block);
        using (model.Attach(tap))
            model.Forward(new() { TokenIds = tensor(ids).unsqueeze(0).to(model.Device), Logits = LogitsFor.None });
        return Choose([.. tap.Scores.OrderBy(layer => layer.Key).Select(layer => ByKeyValueHead(layer.Value, config))]);
    }

    /// <summary>Echo and induction of each query head in causal attention.</summary>
    /// <param name="attention">[1, H, T, T].</param>
    /// <param name="block">Tokens of a block.</param>
    internal static (float[] Echo, float[] Induction) ScoresOf(Tensor attention, int block)
    {
        using var scope = NewDisposeScope();
        var length = attention.shape[3];
        var (queries, keys) = (arange(length).unsqueeze(1), arange(length).unsqueeze(0));
        var distance = queries - keys; // [T, T]
        var later = queries.ge(block);
        return (Mean(distance.ge(block), 0), Mean(distance.ge(block - 1).logical_and(keys.ge(1)), -1));

        float[] Mean(Tensor reaches, int shift)
        {
            var at = reaches.logical_and((distance - shift).remainder(block).eq(0)).logical_and(later);
            var sum = (attention[0].cpu() * at).sum([1, 2]) / (length - block);
            return sum.contiguous().data<float>().ToArray();
        }
    }

    /// <summary>The best heads over all layers.</summary>
    /// <param name="layers">Scores of each layer's key-value heads.</param>
    internal RetrievalHeads Choose(IReadOnlyList<(float[] Echo, float[] Induction)> layers)
    {
        var heads = layers
            .SelectMany(
                (layer, at) =>
                    layer.Echo.Select(
                        (echo, head) => (Layer: at, Head: head, Echo: echo, Induction: layer.Induction[head])
                    )
            )
            .ToArray();
        var (echo, induction) = (Share(options.Echo), Share(options.Induction));
        if (echo + induction == 0)
            throw new InputException(
                $"Shares of {options.Echo} and {options.Induction} of {heads.Length} heads are none; larger ones "
                    + "are needed."
            );
        return new(
            heads
                .OrderByDescending(head => head.Echo)
                .Take(echo)
                .Concat(heads.OrderByDescending(head => head.Induction).Take(induction))
                .Select(head => (head.Layer, head.Head))
        );

        int Share(double share) => (int)Math.Round(heads.Length * share, MidpointRounding.ToEven);
    }

    private static (float[] Echo, float[] Induction) ByKeyValueHead(
        (float[] Echo, float[] Induction) scores,
        DecoderConfig config
    )
    {
        var group = config.Heads / config.KeyValueHeads;
        return (Most(scores.Echo), Most(scores.Induction));

        float[] Most(float[] heads) => [.. heads.Chunk(group).Select(chunk => chunk.Max())];
    }
}
