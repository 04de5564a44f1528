using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class ThinkTests
{
    [Fact]
    public void A_channel_weighs_what_it_carries_of_the_scores()
    {
        using var scope = NewDisposeScope();
        var queries = tensor(new float[] { 1, 0, 2, 1, 1, 0 }, [1, 1, 2, 3]);
        var keys = tensor(new float[] { 2, 0, 0.5f, 0, 3, 0.5f }, [1, 1, 2, 3]);
        using var cache = KvModels.Holding(keys, keys);
        var weights = Think.Weights(new(queries, queries, arange(2).unsqueeze(0)), cache.Read()[0], 32);
        KvModels.Close(tensor(new[] { 2f, 2.25f, 0.5f }), weights[0][0] / weights[0][0][0] * 2, 1e-6);
        for (var c = 0; c < 3; c++)
        {
            var product = outer(queries[0][0].select(1, c), keys[0][0].select(1, c));
            var ratio = (product.square().sum() / weights[0][0][c]).item<float>();
            Assert.Equal(1, ratio, 1e-5); // sums of squares: two queries and two keys
        }
    }

    [Theory]
    [InlineData("criterion.0", 0.4, 8)]
    [InlineData("criterion.1", 0.55, 0)]
    [InlineData("criterion.2", 0.3, 5)]
    public void The_authors_take_out_the_same_channels(string name, double share, int recent)
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        var (keys, queries) = (reference.Read($"{name}.key"), reference.Read($"{name}.query"));
        var policy = new Think(new() { Channels = share, Recent = recent });
        using var cache = Thin(keys, keys);
        policy.AfterAttention(KvModels.Pass(policy, cache, KvModels.HeadConfig(4, 4, 16), queries));
        Assert.Equal(
            reference.Read($"{name}.kept_channels").data<long>().ToArray(),
            cache.Channels!.contiguous().data<long>().ToArray()
        );
        var segments = cache.Read();
        KvModels.Same(reference.Read($"{name}.pruned"), segments[0].Keys);
        if (recent > 0)
            KvModels.Same(reference.Read($"{name}.recent"), segments[1].Keys);
    }

    [Theory]
    [InlineData("snapkv", "snapkv(budget=28,window=8,kernel=5)+think(channels=0.4,recent=8)")]
    [InlineData("snapkv_max", "snapkv(budget=34,window=6,kernel=7,max-pooling=true)+think(channels=0.5,recent=4)")]
    [InlineData("h2o", "snapkv(budget=28,window=8,kernel=1)+think(channels=0.4,recent=8)")]
    [InlineData("no_eviction", "think(channels=0.4,recent=8)")]
    public void The_authors_attend_the_same_after_eviction_and_pruning(string name, string text)
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        var all = reference.Read("attention.qkv").view(1, 60, 8, 16).transpose(1, 2);
        var (queries, keys, values) = (
            all.narrow(1, 0, 4),
            all.narrow(1, 4, 2).repeat_interleave(2, 1), // the authors hold a copy for every query head
            all.narrow(1, 6, 2).repeat_interleave(2, 1)
        );
        var config = KvModels.HeadConfig(4, 4, 16);
        var policy = KvPolicyExpression.Parse(text);
        using var cache = Thin(keys.narrow(2, 0, 56), values.narrow(2, 0, 56));
        policy.AfterAttention(KvModels.Pass(policy, cache, config, queries.narrow(2, 0, 56)));
        Assert.Equal(
            reference.Read($"attention.{name}.kept_channels").data<long>().ToArray(),
            cache.Channels!.contiguous().data<long>().ToArray()
        );
        using var attention = new SegmentedAttention(config, 0);
        var outputs = reference.Read($"attention.{name}.step_outputs");
        for (var step = 0; step < 4; step++)
        {
            var at = full([1, 1], 56 + step, ScalarType.Int64);
            cache.Append(keys.narrow(2, 56 + step, 1), values.narrow(2, 56 + step, 1), new(at));
            var query = queries.narrow(2, 56 + step, 1);
            KvModels.Close(outputs.narrow(1, step, 1), attention.Run(new(query, query, at), cache.Read()).Output);
        }
    }

    [Fact]
    public void Kvpress_zeroes_the_channels_that_go_and_answers_the_same()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("llama");
        using var inputs = SafetensorsFile.Open(Path.Combine(GoldenFolder.Root, "kvpress", "inputs.safetensors"));
        using var reference = SafetensorsFile.Open(Path.Combine(GoldenFolder.Root, "kvpress", "think.safetensors"));
        using var cache = KvModels.NewCache(golden.Model, "think(channels=0.5,window=16,recent=0)", 2);
        golden.Model.Forward(new() { TokenIds = inputs.Read("ids"), Cache = cache });
        for (var layer = 0; layer < cache.Layers; layer++)
            KvModels.Close(reference.Read($"k.{layer}"), cache[layer].ReadAsOne().Keys);
        var next = golden.Model.Forward(new() { TokenIds = inputs.Read("question_ids"), Cache = cache }).Logits!;
        KvModels.Close(reference.Read("next_logits"), next);
    }

    [Fact]
    public void A_second_prompt_loses_the_same_channels_and_is_cut_down_with_the_first()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, "snapkv(budget=12,window=4)+think(channels=0.5,recent=2)", 1);
        KvModels.Read(model, cache, KvModels.Tokens(20, 1));
        var before = ((ThinLayerCache)cache[0]).Channels!.clone();
        KvModels.Read(model, cache, KvModels.Tokens(9, 2));
        Assert.Equal(12, KvModels.Held(cache[0]).Length); // two in full, ten narrow ones of two prompts
        Assert.Equal(29, cache[0].Seen);
        Assert.True(before.eq(((ThinLayerCache)cache[0]).Channels!).all().item<bool>());
        Assert.Equal([8L, 4, 4], cache[0].Read().Select(part => part.Keys.shape[3]).OrderDescending());
        Assert.True(KvModels.Read(model, cache, [3]).isfinite().all().item<bool>());
    }

    [Fact]
    public void Queries_choose_better_than_the_keys_alone_and_both_better_than_chance()
    {
        var (query, key, chance) = (0.0, 0.0, 0.0);
        for (var seed = 1; seed <= 20; seed++)
        {
            using var scope = NewDisposeScope();
            using var generator = new torch.Generator((ulong)seed, CPU);
            var keys = randn([96, 32], generator: generator) * randn([32], generator: generator).exp();
            var scale = randn([32], generator: generator).exp();
            var (observed, fresh) = (Draw(32), Draw(40));
            using var cache = KvModels.Holding(keys.view(1, 1, 96, 32), keys.view(1, 1, 96, 32));
            SegmentedQuery asked = new(observed, observed, arange(64, 96).unsqueeze(0));
            query += Lost(Think.Weights(asked, cache.Read()[0], 32).view(-1));
            key += Lost(keys.square().sum([0]));
            chance += Lost(rand([32], generator: generator));

            Tensor Draw(int count) => randn([1, 1, count, 32], generator: generator) * scale;

            double Lost(Tensor weights)
            {
                var gone = weights.topk(12, 0, largest: false).indexes;
                var all = matmul(fresh.view(40, 32), keys.t()).square().sum();
                var some = matmul(fresh.view(40, 32).index_select(1, gone), keys.index_select(1, gone).t());
                return (some.square().sum() / all).item<float>();
            }
        }

        Assert.True(query < key, $"{query / 20} by queries, {key / 20} by keys");
        Assert.True(key < chance, $"{key / 20} by keys, {chance / 20} by chance");
    }

    [Theory]
    [InlineData("think(channels=1)", "must be in [0, 1)")]
    [InlineData("tova+think", "at every token")]
    [InlineData("kvmerger+think", "keeps no account")]
    [InlineData("think+snapkv", "comes before")]
    public void What_cannot_be_thinned_is_refused(string text, string complaint) =>
        Assert.Contains(
            complaint,
            Assert.Throws<InputException>(() => KvPolicyExpression.Parse(text)).Message,
            StringComparison.Ordinal
        );

    private static ThinLayerCache Thin(Tensor keys, Tensor values)
    {
        var shape = keys.shape;
        var cache = new ThinLayerCache(new(0, (int)shape[0], (int)shape[1], (int)shape[3], (int)shape[2], CPU));
        cache.Append(keys, values, new(arange(shape[2]).unsqueeze(0)));
        return cache;
    }

    private static SafetensorsFile Open() =>
        SafetensorsFile.Open(Path.Combine(GoldenFolder.Root, "systems/think", "reference.safetensors"));
}
