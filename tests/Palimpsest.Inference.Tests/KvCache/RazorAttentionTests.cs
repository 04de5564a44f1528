using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class RazorAttentionTests
{
    [Theory]
    [InlineData(true, 2.423882)]
    [InlineData(false, 2.0)]
    public void One_entry_stands_for_all_that_left(bool compensation, double expected)
    {
        using var scope = NewDisposeScope();
        var keys = tensor(new[] { 0f, 0, 1 }, [1, 1, 3, 1]);
        var values = tensor(new[] { 0f, 6, 2 }, [1, 1, 3, 1]);
        using var cache = Holding(keys, values);
        var policy = new RazorAttention(
            new()
            {
                Heads = "5:0",
                Sinks = 0,
                Window = 1,
                Compensation = compensation,
            }
        );
        policy.AfterAttention(KvModels.Pass(policy, cache, KvModels.HeadConfig(1, 1, 1), keys));
        using var attention = new SegmentedAttention(KvModels.HeadConfig(1, 1, 1), 0);
        var one = ones([1, 1, 1, 1]);
        SegmentedQuery query = new(one, one, full([1, 1], 3, ScalarType.Int64));
        Assert.Equal(expected, attention.Run(query, [cache.ReadAsOne()]).Output.item<float>(), 1e-5);
    }

    [Theory]
    [InlineData("sink4.capacity16", 4, 16)]
    [InlineData("sink2.capacity9", 2, 9)]
    public void The_companys_compressed_cache_holds_the_same(string name, int sinks, int capacity)
    {
        using var scope = NewDisposeScope();
        using var reference = Open();
        var entries = reference.Read("compress.cache").transpose(0, 1).unsqueeze(0).contiguous(); // [1, 2, 30, 4]
        foreach (var compensation in new[] { true, false })
        {
            var kept = $"compress.{name}.{(compensation ? "mean" : "plain")}";
            if (!reference.Names.Contains(kept))
                continue;
            using var cache = Holding(entries, entries);
            var policy = new RazorAttention(
                new()
                {
                    Heads = "5:0",
                    Sinks = sinks,
                    Window = capacity - sinks - (compensation ? 1 : 0),
                    Compensation = compensation,
                }
            );
            policy.AfterAttention(KvModels.Pass(policy, cache, KvModels.HeadConfig(2, 2, 4), entries));
            KvModels.Close(reference.Read(kept).transpose(0, 1).unsqueeze(0), cache.ReadAsOne().Keys);
        }
    }

    [Fact]
    public void What_leaves_later_joins_the_same_entry()
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(7, CPU);
        var keys = randn([1, 1, 40, 4], generator: generator);
        using var once = Holding(keys, keys);
        using var parts = Holding(keys.narrow(2, 0, 25), keys.narrow(2, 0, 25));
        var config = KvModels.HeadConfig(1, 1, 4);
        var policy = new RazorAttention(
            new()
            {
                Heads = "5:0",
                Sinks = 2,
                Window = 8,
                Trim = 5,
            }
        );
        policy.AfterAttention(KvModels.Pass(policy, once, config, keys));
        policy.AfterAttention(KvModels.Pass(policy, parts, config, keys.narrow(2, 0, 25)));
        for (var at = 25; at < 40; at++)
        {
            parts.Append(keys.narrow(2, at, 1), keys.narrow(2, at, 1), new(full([1, 1], at, ScalarType.Int64)));
            policy.AfterAttention(KvModels.Pass(policy, parts, config, keys.narrow(2, at, 1), KvPhase.Step));
        }

        Assert.Equal([0L, 1, 31, 32, 33, 34, 35, 36, 37, 38, 39], KvModels.Held(parts));
        KvModels.Close(once.ReadAsOne().Keys, parts.ReadAsOne().Keys, 1e-5);
        KvModels.Close(once.ReadAsOne().Counts!, parts.ReadAsOne().Counts!, 0);
        Assert.Equal(30, parts.ReadAsOne().Counts!.max().item<float>());
    }

    [Fact]
    public void Chosen_heads_keep_everything_and_the_others_give_their_room_back()
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(DecoderConfig.TinyLlama(60, 64, 2, 4, 4, 64, 512), 3);
        using var cache = KvModels.NewCache(model, "razor-attention(heads=0:2,sinks=2,window=20)", 1);
        KvModels.Read(model, cache, KvModels.Tokens(400, 1));
        Assert.Equal(400, KvModels.Held(cache[0], head: 2).Length);
        Assert.All(new[] { 0, 1, 3 }, head => Assert.Equal(83, KvModels.Held(cache[0], head: head).Length));
        Assert.Equal(83, KvModels.Held(cache[1], head: 2).Length); // a fifth of the prompt
        Assert.InRange(cache.Bytes.Physical, 1, 0.42 * cache.Bytes.Logical);
    }

    [Fact]
    public void The_entry_for_what_left_halves_the_error_at_least()
    {
        var (with, without) = (0.0, 0.0);
        for (var seed = 1; seed <= 12; seed++)
        {
            using var scope = NewDisposeScope();
            using var generator = new torch.Generator((ulong)seed, CPU);
            var keys = randn([1, 1, 1, 16], generator: generator) + randn([1, 1, 200, 16], generator: generator) * 0.4;
            var values =
                randn([1, 1, 1, 16], generator: generator) + randn([1, 1, 200, 16], generator: generator) * 0.7;
            var queries = randn([1, 1, 40, 16], generator: generator);
            var expected = Ask(null);
            with += (Ask(true) - expected).square().sum(-1).sqrt().mean().item<float>();
            without += (Ask(false) - expected).square().sum(-1).sqrt().mean().item<float>();

            Tensor Ask(bool? compensation)
            {
                using var cache = Holding(keys, values);
                var config = KvModels.HeadConfig(1, 1, 16);
                if (compensation is { } on)
                {
                    var policy = new RazorAttention(
                        new()
                        {
                            Heads = "5:0",
                            Window = 60,
                            Compensation = on,
                        }
                    );
                    policy.AfterAttention(KvModels.Pass(policy, cache, config, keys));
                }

                using var attention = new SegmentedAttention(config, 0);
                SegmentedQuery asked = new(queries, queries, full([1, 40], 200, ScalarType.Int64));
                return attention.Run(asked, [cache.ReadAsOne()]).Output;
            }
        }

        Assert.True(with <= 0.5 * without, $"{with / 12} with, {without / 12} without");
    }

    [Theory]
    [InlineData("razor-attention(heads=0:x)", "there is no such file")]
    [InlineData("razor-attention(heads=0)", "'0' is no head")]
    [InlineData("razor-attention(heads=;)", "there is no head")]
    public void Heads_that_cannot_be_read_are_refused(string text, string complaint) =>
        Assert.Contains(
            complaint,
            Assert.Throws<InputException>(() => KvPolicyExpression.Parse(text)).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("razor-attention", "heads is missing")]
    [InlineData("razor-attention(heads=2:0)", "layer 2, head 0 is not in the model")]
    [InlineData("razor-attention(heads=0:2)", "layer 0, head 2 is not in the model")]
    public void A_model_without_these_heads_is_refused(string text, string complaint)
    {
        using var model = KvModels.New("gqa");
        Assert.Contains(
            complaint,
            Assert.Throws<InputException>(() => KvModels.NewCache(model, text, 1)).Message,
            StringComparison.Ordinal
        );
    }

    private static HeadwiseLayerCache Holding(Tensor keys, Tensor values)
    {
        var shape = keys.shape;
        var cache = new HeadwiseLayerCache(new(0, (int)shape[0], (int)shape[1], (int)shape[3], (int)shape[2], CPU));
        cache.Append(keys, values, new(arange(shape[2]).unsqueeze(0)));
        return cache;
    }

    private static SafetensorsFile Open() =>
        SafetensorsFile.Open(Path.Combine(GoldenFolder.Root, "systems/razor-attention", "reference.safetensors"));
}
