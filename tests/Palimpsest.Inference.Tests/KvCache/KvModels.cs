namespace Palimpsest.Inference.Tests;

/// <summary>Tiny models of several kinds, and passes over them with a cache.</summary>
internal static class KvModels
{
    private const int Vocabulary = 60;

    public static readonly string[] Families = ["gqa", "mha", "window", "cap", "learned"];

    public static readonly string[] Policies =
    [
        "streaming-llm(budget=12,sinks=2)",
        "streaming-llm(budget=12,original-positions=true)",
        "h2o(heavy=0.2,recent=0.3)",
        "tova(budget=0.5)",
        "snapkv(budget=0.5,window=4,kernel=3)",
        "pyramidkv(budget=0.5,window=4,kernel=3,beta=4)",
        "knorm(budget=0.5)",
        "knorm(budget=0.5,at-steps=true)",
        "keydiff(budget=0.5)",
        "keydiff(budget=0.5,at-steps=true)",
        "expected-attention(budget=0.5,future=16)",
        "cam(start=0.2,recent=0.4,window=4)",
        "d2o(budget=0.5,exempt-first=0,exempt-last=0)",
        "d2o(budget=0.5,exempt-first=0,exempt-last=0,rule=code,at-first-step=true)",
        "kvmerger(cosine=0.1)",
        "kvmerger(budget=0.5,count-bias=true)",
        "snapkv(budget=0.7,window=4)+kvmerger(budget=0.5)",
        "think(channels=0.5,window=20,recent=3)",
        "snapkv(budget=0.5,window=4)+think(channels=0.3,window=4,recent=0)",
        "ada-kv(budget=0.5,window=4,kernel=3)",
        "razor-attention(heads=0:0;1:1,sinks=2,window=6,trim=2)",
        "mikv(bits=3,important=0.4)",
        "snapkv(budget=0.6,window=4)+mikv(bits=2,group=4,important=0.3)",
        "sirllm(sinks=2,surprising=8,recent=2)",
        "infllm(local=8,initial=2,block=3,retrieved=2,representatives=2,chunk=4,cached=3)",
        "infllm(local=6,initial=0,block=2,retrieved=2,chunk=5,cached=4,by-attention=true,sees-twice=true,spill=.)",
        "kivi(bits=4,group=4,residual=8)",
        "snapkv(budget=0.6,window=4)+kivi(bits=2,group=4,residual=4)",
    ];

    /// <summary>Every policy on every kind of model that it serves.</summary>
    public static TheoryData<string, string> All =>
        [
            .. Families.SelectMany(family =>
                Policies.Where(policy => Serves(family, policy)).Select(policy => (family, policy))
            ),
        ];

    /// <summary>Whether a policy serves a kind of model.</summary>
    public static bool Serves(string family, string policy) =>
        family != "learned" || !policy.StartsWith("infllm", StringComparison.Ordinal);

    public static CausalLM New(string family)
    {
        var config = DecoderConfig.TinyLlama(Vocabulary, 32, 2, 4, family == "mha" ? 4 : 2, 64, 64);
        return new(
            family switch
            {
                "window" => config with { SlidingWindow = 9 },
                "cap" => config with { AttentionSoftCap = 2 },
                "learned" => config with { LearnedPositions = true },
                _ => config,
            } with
            {
                InitializerRange = 0.3,
            },
            9
        );
    }

    /// <summary>Sizes of attention without angles, for entries that a test gives.</summary>
    public static DecoderConfig HeadConfig(int heads, int keyValueHeads, int headSize) =>
        DecoderConfig.TinyLlama(8, heads * headSize, 1, heads, keyValueHeads, 8, 256) with
        {
            LearnedPositions = true,
        };

    public static int[] Tokens(int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Below(Vocabulary))];
    }

    /// <summary>Reads prompts padded on the left, then single tokens; logits [B, 1 + steps, V].</summary>
    public static Tensor Run(CausalLM model, string? policy, int[][] prompts, int[] steps, int part = 0)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var width = prompts.Max(prompt => prompt.Length);
        using var batch = TokenBatch.Collate(
            [.. prompts.Select(prompt => new TokenSequence(prompt, prompt.Length))],
            0,
            PaddingSide.Left
        );
        using var cache = NewCache(model, policy, prompts.Length);
        var padded = prompts.Any(prompt => prompt.Length != width);
        var logits = new List<Tensor>();
        part = part == 0 ? width : part;
        for (var start = 0; start < width; start += part)
        {
            var count = Math.Min(part, width - start);
            var last = start + count == width;
            var output = model.Forward(
                new()
                {
                    TokenIds = batch.Ids.narrow(1, start, count),
                    AttentionMask = padded ? batch.AttentionMask.narrow(1, 0, start + count) : null,
                    Cache = cache,
                    Phase = last ? KvPhase.PrefillEnd : KvPhase.PrefillChunk,
                    Logits = LogitsFor.LastToken,
                }
            );
            if (last)
                logits.Add(output.Logits!);
        }

        foreach (var (at, id) in steps.Index())
        {
            var real = ones([prompts.Length, at + 1], ScalarType.Bool);
            logits.Add(
                model
                    .Forward(
                        new()
                        {
                            TokenIds = full([prompts.Length, 1], id, ScalarType.Int64),
                            AttentionMask = padded ? cat([batch.AttentionMask.to(ScalarType.Bool), real], 1) : null,
                            Cache = cache,
                            Logits = LogitsFor.LastToken,
                        }
                    )
                    .Logits!
            );
        }

        return cat(logits, 1).MoveToOuterDisposeScope();
    }

    public static Models.KvCache NewCache(CausalLM model, string? policy, int rows, int capacity = 8) =>
        new(model.Config, rows, capacity, policy: policy is null ? null : KvPolicyExpression.Parse(policy));

    /// <summary>Reads tokens [1, T] behind what a cache has seen; logits [1, T, V].</summary>
    public static Tensor Read(CausalLM model, Models.KvCache cache, int[] tokens)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var ids = tensor(tokens.Select(id => (long)id).ToArray()).unsqueeze(0).repeat(cache.Batch, 1);
        return model.Forward(new() { TokenIds = ids, Cache = cache }).Logits!.MoveToOuterDisposeScope();
    }

    /// <summary>What a policy is told of queries [B, H, T, Dh] after entries of the same tokens.</summary>
    public static KvPass Pass(
        IKvPolicy policy,
        LayerCache cache,
        DecoderConfig config,
        Tensor queries,
        KvPhase phase = KvPhase.PrefillEnd,
        (int Layer, int Layers)? at = null
    )
    {
        var (layer, layers) = at ?? (0, 1);
        var count = queries.shape[2];
        SegmentedQuery query = new(queries, queries, arange(cache.Seen - count, cache.Seen).unsqueeze(0));
        using var attention = new SegmentedAttention(config, 0);
        return new()
        {
            Cache = cache,
            Layer = layer,
            Layers = layers,
            Phase = phase,
            RealTokens = [.. Enumerable.Repeat((long)cache.Seen, cache.Batch)],
            Config = config,
            Query = query,
            Observed = attention.Observe(query, cache.Read(), policy.Wants(phase, layer)),
        };
    }

    /// <summary>A layer that holds keys and values [B, Hkv, T, Dh] of the first tokens.</summary>
    public static ContiguousLayerCache Holding(Tensor keys, Tensor values)
    {
        var shape = keys.shape;
        var cache = new ContiguousLayerCache(new(0, (int)shape[0], (int)shape[1], (int)shape[3], (int)shape[2], CPU));
        cache.Append(keys, values, new(arange(shape[2]).unsqueeze(0)));
        return cache;
    }

    /// <summary>Positions of the entries held by a head.</summary>
    public static long[] Held(LayerCache cache, int row = 0, int head = 0)
    {
        using var scope = NewDisposeScope();
        var segment = cache.ReadAsOne();
        var positions = segment.Positions.expand(cache.Batch, cache.Shape.Heads, -1)[row][head];
        return segment.Keep is { } keep
            ? positions[keep.expand(cache.Batch, cache.Shape.Heads, -1)[row][head]].data<long>().ToArray()
            : positions.contiguous().data<long>().ToArray();
    }

    /// <summary>Within a tolerance, absolute or relative to the largest number, whichever is larger.</summary>
    public static void Close(Tensor expected, Tensor actual, double within = 1e-4)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        var most = (expected - actual).abs().max().item<float>();
        var allowed = within * Math.Max(1, expected.abs().max().item<float>());
        Assert.True(most <= allowed, $"differs by {most}");
    }

    public static void Same(Tensor expected, Tensor actual) =>
        Assert.Equal(expected.contiguous().data<float>().ToArray(), actual.contiguous().data<float>().ToArray());
}
