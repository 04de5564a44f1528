namespace Palimpsest.Inference.Tests;

/// <summary>Keys in runs that share a direction, and what policies lose of attention over them.</summary>
internal static class RunKeys
{
    private const int Tokens = 96;
    private const int Size = 16;

    /// <summary>Mean distance of attention's outputs from the full cache's, over 40 random queries and 20 that resemble
    /// a key, after each policy has cut down.</summary>
    public static double[] Errors(ulong seed, params string[] policies) => Errors(seed, 1.0, policies);

    /// <summary>The same with some noise in the values of a run.</summary>
    public static double[] Errors(ulong seed, double valueNoise, params string[] policies)
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(seed, CPU);
        var (keys, values) = Draw(new SeededRandom(seed), generator, valueNoise);
        var planted = keys.index_select(0, randperm(Tokens, generator: generator).narrow(0, 0, 20)) * 1.8;
        var asked = cat([randn([40, Size], generator: generator), planted]).view(1, 1, 60, Size);
        var observers = randn([1, 1, 8, Size], generator: generator);
        var config = KvModels.HeadConfig(1, 1, Size);
        using var full = KvModels.Holding(keys.view(1, 1, Tokens, Size), values.view(1, 1, Tokens, Size));
        var expected = Ask(full);
        return
        [
            .. policies.Select(text =>
            {
                using var cache = (ContiguousLayerCache)full.Fork();
                var policy = KvPolicyExpression.Parse(text);
                SegmentedQuery query = new(observers, observers, full_like(arange(8), Tokens).unsqueeze(0));
                using var attention = new SegmentedAttention(config, 0);
                var pass = KvModels.Pass(policy, cache, config, keys.view(1, 1, Tokens, Size)) with
                {
                    Observed = attention.Observe(query, cache.Read(), new(ColumnSums: true, LastRows: 8)),
                };
                policy.Observe(pass);
                policy.AfterAttention(pass);
                return (double)(Ask(cache) - expected).square().sum(-1).sqrt().mean().item<float>();
            }),
        ];

        Tensor Ask(LayerCache cache)
        {
            using var attention = new SegmentedAttention(config, 0);
            var late = full_like(arange(60), Tokens).unsqueeze(0);
            return attention.Run(new(asked, asked, late), cache.Read()).Output;
        }
    }

    private static (Tensor Keys, Tensor Values) Draw(SeededRandom random, torch.Generator generator, double valueNoise)
    {
        var (keys, values) = (new List<Tensor>(), new List<Tensor>());
        while (keys.Count < Tokens)
        {
            var (key, value) = (randn([Size], generator: generator), randn([Size], generator: generator));
            for (var left = 1 + random.Below(5); left > 0 && keys.Count < Tokens; left--)
            {
                keys.Add(key + randn([Size], generator: generator) * 0.35);
                values.Add(value + randn([Size], generator: generator) * valueNoise);
            }
        }

        return (stack([.. keys]), stack([.. values]));
    }
}
