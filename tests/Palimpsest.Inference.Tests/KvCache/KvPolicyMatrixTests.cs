namespace Palimpsest.Inference.Tests;

/// <summary>Every policy on every kind of model: what must not depend on the batch, on the parts of a prompt, or on a
/// policy that has nothing to do.</summary>
public sealed class KvPolicyMatrixTests
{
    public static TheoryData<string, string> All => KvModels.All;

    [Theory]
    [MemberData(nameof(All))]
    public void Padded_rows_give_what_single_rows_give(string family, string policy)
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New(family);
        int[][] prompts = [KvModels.Tokens(23, 1), KvModels.Tokens(17, 2), KvModels.Tokens(9, 3)];
        var steps = KvModels.Tokens(7, 4);
        var together = KvModels.Run(model, policy, prompts, steps);
        for (var row = 0; row < prompts.Length; row++)
            KvModels.Close(KvModels.Run(model, policy, [prompts[row]], steps), together.narrow(0, row, 1));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_policy_changes_what_is_read_and_stays_finite(string family, string policy)
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New(family);
        int[][] prompts = [KvModels.Tokens(24, 1)];
        var steps = KvModels.Tokens(6, 4);
        var (full, some) = (KvModels.Run(model, null, prompts, steps), KvModels.Run(model, policy, prompts, steps));
        if (!policy.StartsWith("infllm", StringComparison.Ordinal))
            KvModels.Same(full.narrow(1, 0, 1), some.narrow(1, 0, 1)); // the prompt itself is read in full
        Assert.True(some.isfinite().all().item<bool>());
        // A window of 9 hides what eviction drops.
        if (
            family != "window"
            || policy.Contains("kivi", StringComparison.Ordinal)
            || policy.StartsWith("think", StringComparison.Ordinal)
            || policy.Contains("mikv", StringComparison.Ordinal)
        )
            Assert.True((full - some).abs().max().item<float>() > 1e-4);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_prompt_in_parts_gives_what_the_whole_gives(string family, string policy)
    {
        if (
            policy.StartsWith("streaming", StringComparison.Ordinal)
            || policy.StartsWith("sirllm", StringComparison.Ordinal)
            || policy.StartsWith("infllm", StringComparison.Ordinal)
        )
            return; // the window slides between the parts, which bounds the peak
        using var scope = NewDisposeScope();
        using var model = KvModels.New(family);
        // The first part holds nothing of the last row; the last part is one token and not a step.
        int[][] prompts = [KvModels.Tokens(21, 1), KvModels.Tokens(17, 2), KvModels.Tokens(9, 3)];
        var steps = KvModels.Tokens(5, 4);
        KvModels.Close(
            KvModels.Run(model, policy, prompts, steps),
            KvModels.Run(model, policy, prompts, steps, part: 10)
        );
    }

    [Theory]
    [InlineData("streaming-llm(budget=40)")]
    [InlineData("h2o(heavy=20,recent=20)")]
    [InlineData("tova(budget=40)")]
    [InlineData("snapkv(budget=40)")]
    [InlineData("ada-kv(budget=40)")]
    [InlineData("sirllm(surprising=40)")]
    [InlineData("mikv(important=1)")]
    [InlineData("razor-attention(heads=0:0,window=40)")]
    [InlineData("think(channels=0)")]
    [InlineData("think(recent=40)")]
    [InlineData("cam(start=20,recent=20)")]
    [InlineData("d2o(budget=1,exempt-first=0,exempt-last=0)")]
    [InlineData("kvmerger(cosine=1)")]
    [InlineData("kvmerger(budget=40)")]
    [InlineData("pyramidkv(budget=40)")]
    [InlineData("knorm(budget=40,at-steps=true)")]
    [InlineData("keydiff(budget=40,at-steps=true)")]
    [InlineData("expected-attention(budget=40)")]
    [InlineData("kivi(group=4,residual=40)")]
    [InlineData("snapkv(budget=40)+kivi(group=4,residual=40)")]
    public void A_budget_that_holds_everything_changes_no_bit(string policy)
    {
        foreach (var family in KvModels.Families)
        {
            using var scope = NewDisposeScope();
            using var model = KvModels.New(family);
            int[][] prompts = [KvModels.Tokens(24, 1), KvModels.Tokens(20, 2)];
            var steps = KvModels.Tokens(10, 4);
            KvModels.Same(KvModels.Run(model, null, prompts, steps), KvModels.Run(model, policy, prompts, steps));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Forks_rows_and_truncation_keep_what_was_held(string family, string policy)
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New(family);
        var (prompt, answer) = (KvModels.Tokens(24, 1), KvModels.Tokens(3, 2));
        using var cache = KvModels.NewCache(model, policy, 1);
        KvModels.Read(model, cache, prompt);
        using var fork = cache.Fork(2);
        var expected = KvModels.Read(model, cache, answer);
        Assert.Equal(27, cache.Length);
        fork.SelectRows([1, 0, 1]);
        var seen = fork.Length;
        using var again = fork.Fork();
        var actual = KvModels.Read(model, fork, answer);
        for (var row = 0; row < 3; row++)
            KvModels.Close(expected, actual.narrow(0, row, 1));
        again.Truncate(seen - 2);
        Assert.Equal(seen - 2, again.Length);
        Assert.True(KvModels.Read(model, again, answer).isfinite().all().item<bool>());
        Assert.True((KvModels.Read(model, again, [5]) - expected).abs().max().item<float>() > 0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void An_erased_span_is_no_longer_held(string family, string policy)
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New(family);
        using var cache = KvModels.NewCache(model, policy, 2);
        KvModels.Read(model, cache, KvModels.Tokens(20, 1));
        Assert.True(cache.DropEntries(new(12, 20)) > 0);
        Assert.Equal(0, cache.DropEntries(new(12, 20)));
        Assert.Equal(20, cache.Length);
        for (var layer = 0; layer < cache.Layers; layer++)
        {
            var segment = cache[layer].ReadAsOne();
            var counted = segment.Positions.expand(2, segment.Keys.shape[1], -1).ge(12);
            if (segment.Keep is { } keep)
                counted = counted.logical_and(keep);
            Assert.Equal(0, counted.sum().item<long>());
        }

        Assert.True(KvModels.Read(model, cache, [3]).isfinite().all().item<bool>());
    }

    [Fact]
    public void Padding_on_the_right_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, "tova(budget=0.5)", 1);
        var input = new ForwardInput
        {
            TokenIds = zeros([1, 4], ScalarType.Int64),
            AttentionMask = tensor(
                new[,]
                {
                    { 1L, 1, 1, 0 },
                }
            ),
            Cache = cache,
        };
        Assert.Contains(
            "left",
            Assert.Throws<ArgumentException>(() => model.Forward(input)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void After_an_erasure_a_token_reads_as_if_the_span_had_not_been_there()
    {
        foreach (var family in KvModels.Families)
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            using var model = KvModels.New(family);
            var prompt = KvModels.Tokens(20, 1);
            using var erased = KvModels.NewCache(model, null, 1);
            KvModels.Read(model, erased, prompt);
            Assert.Equal(2L * model.Config.KeyValueHeads * 8, erased.DropEntries(new(12, 20)));
            using var never = KvModels.NewCache(model, null, 1);
            KvModels.Read(model, never, prompt[..12]);
            var at = tensor(
                new[,]
                {
                    { 20L },
                }
            );
            var expected = model.Forward(
                new()
                {
                    TokenIds = tensor(
                        new[,]
                        {
                            { 7L },
                        }
                    ),
                    Positions = at,
                    Cache = never,
                }
            );
            var actual = KvModels.Read(model, erased, [7]);
            if (family != "window") // whose window of tokens in the cache alone takes no account of the gap
                KvModels.Close(expected.Logits!, actual);
            Assert.Throws<ArgumentOutOfRangeException>(() => erased.Erase(new(5, 22)));
        }
    }

    [Theory]
    [InlineData("streaming-llm(budget=32)", 0.6)]
    [InlineData("h2o(heavy=16,recent=16)", 0.6)]
    [InlineData("tova(budget=32)", 0.6)]
    [InlineData("snapkv(budget=32,window=8)", 0.6)]
    [InlineData("think(channels=0.4,recent=8)", 0.9)]
    [InlineData("ada-kv(budget=32,window=8)", 0.65)]
    [InlineData("sirllm(surprising=28)", 0.6)]
    [InlineData("mikv(bits=2)", 0.65)]
    [InlineData("d2o(budget=32,exempt-first=0,exempt-last=0)", 0.65)]
    [InlineData("kvmerger(budget=32)", 0.65)]
    [InlineData("pyramidkv(budget=32,window=8)", 0.6)]
    [InlineData("expected-attention(budget=32)", 0.6)]
    [InlineData("kivi(bits=2,group=8,residual=8)", 0.7)]
    public void Bytes_are_those_that_are_allocated(string policy, double share)
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(DecoderConfig.TinyLlama(60, 128, 2, 4, 2, 64, 128), 3);
        using var cache = KvModels.NewCache(model, policy, 1);
        KvModels.Read(model, cache, KvModels.Tokens(120, 1));
        var bytes = cache.Bytes;
        Assert.Equal(2L * 2 * 2 * 120 * 32 * 4, bytes.Logical);
        Assert.InRange(bytes.Physical, 1, share * bytes.Logical);
    }

    [Fact]
    public void A_stream_longer_than_the_models_positions_goes_on_at_flat_memory()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, "streaming-llm(budget=16)", 1);
        KvModels.Read(model, cache, KvModels.Tokens(30, 1));
        var before = 0L;
        for (var i = 0; i < 120; i++)
        {
            using var step = NewDisposeScope();
            Assert.True(KvModels.Read(model, cache, [i % 60]).isfinite().all().item<bool>());
            if (i == 20)
                before = cache.Bytes.Physical;
        }

        Assert.Equal(150, cache.Length);
        Assert.Equal(before, cache.Bytes.Physical);
        using var full = KvModels.NewCache(model, "tova(budget=16)", 1);
        KvModels.Read(model, full, KvModels.Tokens(64, 1));
        Assert.Throws<ArgumentException>(() => KvModels.Read(model, full, [1]));
    }

    [Fact]
    public void A_cache_records_gradients_when_asked()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        var ids = tensor(KvModels.Tokens(12, 1).Select(id => (long)id).ToArray()).unsqueeze(0);
        model.Forward(new() { TokenIds = ids }).Logits!.narrow(1, 11, 1).square().sum().backward();
        var expected = model.parameters().Select(p => p.grad!.clone()).ToArray();
        model.zero_grad();
        using var cache = KvModels.NewCache(model, null, 1, capacity: 12);
        model.Forward(
            new()
            {
                TokenIds = ids.narrow(1, 0, 7),
                Cache = cache,
                RecordsGradient = true,
            }
        );
        var output = model.Forward(
            new()
            {
                TokenIds = ids.narrow(1, 7, 5),
                Cache = cache,
                RecordsGradient = true,
            }
        );
        output.Logits!.narrow(1, 4, 1).square().sum().backward();
        foreach (var (gradient, parameter) in expected.Zip(model.parameters()))
            KvModels.Close(gradient, parameter.grad!);
        using var silent = KvModels.NewCache(model, null, 1);
        Assert.False(model.Forward(new() { TokenIds = ids, Cache = silent }).Logits!.requires_grad);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Nothing_is_left_behind(string family, string policy)
    {
        using var model = KvModels.New(family);
        var (prompt, steps) = (KvModels.Tokens(24, 1), KvModels.Tokens(6, 2));
        KvModels.Run(model, policy, [prompt], steps).Dispose(); // makes the rotary tables, which stay
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        KvModels.Run(model, policy, [prompt], steps, part: 9).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
