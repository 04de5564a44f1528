namespace Palimpsest.Inference.Tests;

public sealed class MiKvTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void Codes_of_every_width_are_as_wide_as_they_say_and_within_half_a_step(int bits)
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(3, CPU);
        var x = randn([2, 3, 16], generator: generator);
        var packed = PackedGroups.Encode(x, bits, 8, false);
        Assert.Equal(16 * bits / 8, packed.Codes.shape[2]);
        var step = packed.Scales.repeat_interleave(8, -1);
        Assert.True((packed.Decode(bits, 8) - x).abs().le(step / 2 + 1e-5).all().item<bool>());
    }

    [Fact]
    public void Two_bits_of_one_group_are_those_of_the_sheet()
    {
        using var scope = NewDisposeScope();
        var packed = PackedGroups.Encode(tensor(new float[] { 0, 1, 2, 9 }), 2, 4, false);
        KvModels.Close(tensor(new float[] { 0, 0, 3, 9 }), packed.Decode(2, 4), 1e-6);
    }

    [Fact]
    public void What_draws_no_attention_becomes_codes_and_the_rest_stays_in_full()
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(4, CPU);
        var keys = randn([1, 1, 10, 8], generator: generator);
        using var cache = new MiKvLayerCache(new(0, 1, 1, 8, 10, CPU), new(8, 4));
        cache.Append(keys, keys, new(arange(10).unsqueeze(0)));
        var policy = new MiKv(
            new()
            {
                Important = 0.45,
                Bits = 8,
                Balancer = false,
            }
        );
        var pass = KvModels.Pass(policy, cache, KvModels.HeadConfig(1, 1, 8), keys) with
        {
            Observed = new() { ColumnSums = tensor(new float[] { 1, 5, 2, 4, 3, 0, 0, 0, 0, 0 }, [1, 1, 10]) },
        };
        policy.Observe(pass);
        policy.AfterAttention(pass);
        Assert.Equal(6, cache.Codes);
        var segments = cache.Read();
        Assert.Equal([1L, 3, 8, 9], segments[1].Positions.expand(1, 1, 4).contiguous().data<long>().ToArray());
        KvModels.Same(keys.index_select(2, tensor(new long[] { 1, 3, 8, 9 })), segments[1].Keys);
        KvModels.Close(keys.index_select(2, tensor(new long[] { 0, 2, 4, 5, 6, 7 })), segments[0].Keys, 0.02);
        var next = randn([1, 1, 1, 8], generator: generator);
        cache.Append(next, next, new(full([1, 1], 10, ScalarType.Int64)));
        pass = KvModels.Pass(policy, cache, KvModels.HeadConfig(1, 1, 8), next, KvPhase.Step) with
        {
            // What a code draws is not that of an entry in full.
            Observed = new() { ColumnSums = tensor(new float[] { 0, 0, 100, 0, 0, 0, 0, 50, 0, 0, 0 }, [1, 1, 11]) },
        };
        policy.Observe(pass);
        policy.AfterAttention(pass);
        Assert.Equal([1L, 3, 9, 10], cache.Read()[1].Positions.expand(1, 1, 4).contiguous().data<long>().ToArray());
    }

    [Fact]
    public void An_entry_that_is_a_code_is_never_in_full_again()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, "mikv(important=0.3)", 1);
        KvModels.Read(model, cache, KvModels.Tokens(20, 1));
        var codes = new HashSet<long>(Coded());
        foreach (var id in KvModels.Tokens(12, 2))
        {
            KvModels.Read(model, cache, [id]);
            Assert.True(codes.IsSubsetOf(Coded()));
            codes = [.. Coded()];
            Assert.Equal(cache.Length, KvModels.Held(cache[0]).Length);
        }

        Assert.Equal(32 - 9, codes.Count);

        long[] Coded() => cache[0].Read()[0].Positions[0][0].contiguous().data<long>().ToArray();
    }

    [Fact]
    public void Balancing_changes_no_product_and_helps_where_keys_have_outliers()
    {
        var (balanced, plain, dropped) = (0.0, 0.0, 0.0);
        for (var seed = 1; seed <= 12; seed++)
        {
            using var scope = NewDisposeScope();
            using var generator = new torch.Generator((ulong)seed, CPU);
            var (small, large) = (ones([32]), ones([32]));
            var outliers = randperm(32, generator: generator).narrow(0, 0, 3);
            large.index_fill_(0, outliers, 8);
            small.index_fill_(0, outliers, 0.15);
            var keys = randn([1, 1, 96, 32], generator: generator) * large;
            var values = randn([1, 1, 96, 32], generator: generator);
            var observers = randn([1, 1, 16, 32], generator: generator) * small;
            var planted = keys.index_select(2, randperm(96, generator: generator).narrow(0, 0, 30)) / large * small * 2;
            var expected = Ask(null);
            balanced += Error("mikv(important=0.2)");
            plain += Error("mikv(important=0.2,balancer=false)");
            dropped += Error("h2o(heavy=9,recent=10)");

            double Error(string text) => (Ask(text) - expected).square().sum(-1).sqrt().mean().item<float>();

            Tensor Ask(string? text)
            {
                var policy = text is null ? null : KvPolicyExpression.Parse(text);
                var config = KvModels.HeadConfig(1, 1, 32);
                LayerShape shape = new(0, 1, 1, 32, 96, CPU);
                using var cache = policy?.NewLayer(shape, config) ?? new ContiguousLayerCache(shape);
                cache.Append(keys, values, new(arange(96).unsqueeze(0)));
                using var attention = new SegmentedAttention(config, 0);
                if (policy is not null)
                {
                    SegmentedQuery seen = new(observers, observers, full([1, 16], 96, ScalarType.Int64));
                    var pass = KvModels.Pass(policy, cache, config, keys) with
                    {
                        Query = seen,
                        Observed = attention.Observe(seen, cache.Read(), new(ColumnSums: true)),
                    };
                    policy.Observe(pass);
                    policy.AfterAttention(pass);
                }

                SegmentedQuery asked = new(planted, planted, full([1, 30], 96, ScalarType.Int64));
                return attention.Run(asked, cache.Read()).Output;
            }
        }

        Assert.True(balanced <= 0.5 * dropped, $"{balanced / 12} balanced, {dropped / 12} dropped");
        Assert.True(balanced <= 0.9 * plain, $"{balanced / 12} balanced, {plain / 12} not");
    }

    [Theory]
    [InlineData("mikv(bits=5)", "2, 3, 4 or 8")]
    [InlineData("mikv(important=0)", "must be > 0")]
    [InlineData("mikv(group=6)", "multiple of 4")]
    [InlineData("h2o+mikv", "at every token")]
    [InlineData("mikv+kivi", "both decide how")]
    public void What_cannot_be_held_is_refused(string text, string complaint) =>
        Assert.Contains(
            complaint,
            Assert.Throws<InputException>(() => KvPolicyExpression.Parse(text)).Message,
            StringComparison.Ordinal
        );
}
