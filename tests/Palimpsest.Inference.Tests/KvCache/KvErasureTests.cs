using Palimpsest.Erasure;

namespace Palimpsest.Inference.Tests;

/// <summary>What is left of a span after it was erased, of every policy on every kind of model.</summary>
public sealed class KvErasureTests
{
    public static TheoryData<string, string> All => KvModels.All;

    [Theory]
    [MemberData(nameof(All))]
    public void A_cache_reads_as_if_the_span_had_never_been_there(string family, string policy)
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New(family);
        KvSpan[] spans = [new(13, 16), new(22, 26), new(10, 21)];
        foreach (var span in family == "gqa" ? spans : spans[..1])
        {
            using var erased = KvModels.NewCache(model, policy, 3);
            using var never = KvModels.NewCache(model, policy, 3);
            KvConversation.Read(model, erased);
            KvConversation.Read(model, never, span);
            var report = erased.Erase(span);
            Assert.True(report.IsDone);
            Assert.Equal(ErasureStatus.Rebuilt, report.Places[0].Status);
            Assert.Equal(31 - span.Length, erased.Length);
            Assert.Equal(never.Bytes, erased.Bytes);
            KvModels.Same(KvConversation.Next(model, never, span), KvConversation.Next(model, erased, span));
        }
    }

    [Theory]
    [InlineData("gqa")]
    [InlineData("window")]
    [InlineData("cap")]
    [InlineData("learned")]
    public void Without_a_policy_later_tokens_alone_are_read_again(string family)
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New(family);
        KvSpan span = new(13, 16);
        using var erased = KvModels.NewCache(model, null, 3, capacity: 40);
        using var never = KvModels.NewCache(model, null, 3);
        KvConversation.Read(model, erased);
        KvConversation.Read(model, never, span);
        var (first, whole) = (erased.Keys(0).narrow(2, 0, 13).clone(), erased[0].Plain().Keys);
        var report = erased.Erase(span);
        Assert.Equal("15 later tokens were read again.", report.Places[0].Found);
        KvModels.Same(first, erased.Keys(0).narrow(2, 0, 13));
        Assert.Equal(0, whole.narrow(2, 28, 3).abs().max().item<float>()); // what was longer is overwritten
        KvModels.Close(KvConversation.Next(model, never, span), KvConversation.Next(model, erased, span));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("snapkv(budget=0.5,window=4)+kivi(bits=2,group=4,residual=4)")]
    public void Forks_rows_and_erasures_in_a_row_forget_too(string? policy)
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, policy, 3);
        KvConversation.Read(model, cache);
        using var fork = cache.Fork(2);
        fork.SelectRows([0, 2, 4]);
        fork.Truncate(30);
        fork.Erase(new(22, 26));
        fork.Erase(new(13, 16));
        using var never = KvModels.NewCache(model, policy, 3);
        KvConversation.Read(model, never, new(13, 16), new(22, 26), new(30, 31));
        KvModels.Close(
            KvConversation.Next(model, never, new(13, 16), new(22, 26), new(30, 31)),
            KvConversation.Next(model, fork, new(13, 16), new(22, 26), new(30, 31))
        );
    }

    [Fact]
    public void Dropped_entries_leave_what_later_tokens_have_read_of_them()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, null, 3);
        KvConversation.Read(model, cache);
        var report = cache.Erase(new(13, 16), new() { Mode = KvErasureMode.DropEntries, ProbeBaseline = true });
        var (place, record) = (report.Places[0], report.Places[1]);
        Assert.False(report.IsDone);
        Assert.Equal(ErasureStatus.StillContains, place.Status);
        Assert.Contains("15 later tokens", place.Found, StringComparison.Ordinal);
        Assert.Equal(ErasureStatus.Removed, record.Status);
        Assert.Equal(0, cache.Holds(new(13, 16)));
        Assert.Equal(31, cache.Length);
        Assert.Equal(2.0 * 2 * 9, place.Measured["entries before"]);
        var (with, after, never) = (
            place.Measured["nats per erased token, with it"],
            place.Measured["nats per erased token, after"],
            place.Measured["nats per erased token, never held"]
        );
        Assert.True(with > 0 && after > 0 && never > 0 && after != with && after != never);
        // What was left is gone when all is read again.
        Assert.True(cache.Erase(new(14, 15)).IsDone);
        using var held = KvModels.NewCache(model, null, 3);
        KvConversation.Read(model, held, new KvSpan(13, 16));
        KvModels.Close(
            KvConversation.Next(model, held, new KvSpan(13, 16)),
            KvConversation.Next(model, cache, new KvSpan(13, 16))
        );
    }

    [Fact]
    public void Reading_later_tokens_alone_leaves_the_choice_of_the_policy()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        const string policy = "snapkv(budget=0.3,window=4)";
        using var cache = KvModels.NewCache(model, policy, 1);
        KvModels.Read(model, cache, KvModels.Tokens(24, 1));
        KvModels.Read(model, cache, KvModels.Tokens(4, 2));
        var held = KvModels.Held(cache[1]).Where(position => position < 10).ToArray();
        var report = cache.Erase(new(10, 13), new() { Mode = KvErasureMode.RereadLater });
        Assert.Equal(ErasureStatus.StillContains, report.Places[0].Status);
        Assert.True(report.Places[0].Measured["nats per erased token, after"] > 0);
        Assert.Equal(25, cache.Length);
        Assert.Subset(held.ToHashSet(), KvModels.Held(cache[1]).Where(position => position < 10).ToHashSet());
    }

    [Fact]
    public void The_last_tokens_of_a_cache_are_removed_by_dropping_them()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, null, 1);
        KvModels.Read(model, cache, KvModels.Tokens(12, 1));
        var report = cache.Erase(new(9, 12), new() { Mode = KvErasureMode.DropEntries });
        Assert.Equal(ErasureStatus.Removed, report.Places[0].Status);
        Assert.True(report.IsDone);
        Assert.False(cache.Erase(new(4, 4)).IsDone); // nothing named is no success
    }

    [Fact]
    public void A_text_that_is_not_there_to_be_read_again_is_refused()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, null, 1);
        model.Forward(new() { Embeddings = randn([1, 6, model.Config.HiddenSize]), Cache = cache });
        var error = Assert.Throws<InvalidOperationException>(() => cache.Erase(new(2, 4)));
        Assert.Contains("embeddings", error.Message, StringComparison.Ordinal);
        Assert.Equal(6, cache.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Erase(new(5, 7)));
    }

    [Fact]
    public void Angles_that_depend_on_the_length_are_those_of_the_shorter_text()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var config = DecoderConfig.TinyLlama(60, 32, 2, 4, 2, 64, 64) with
        {
            MaxPositions = 16,
            RopeScaling = new() { Kind = RopeScalingKind.Dynamic, Factor = 4 },
        };
        using var model = new CausalLM(config, 9);
        var text = KvModels.Tokens(24, 1);
        using var erased = KvModels.NewCache(model, null, 1);
        KvModels.Read(model, erased, text);
        Assert.True(erased.Erase(new(3, 14)).IsDone);
        using var never = KvModels.NewCache(model, null, 1);
        KvModels.Read(model, never, [.. text[..3], .. text[14..]]);
        KvModels.Same(KvModels.Read(model, never, [7]), KvModels.Read(model, erased, [7]));
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var model = KvModels.New("gqa");
        void Run()
        {
            using var scope = NewDisposeScope();
            foreach (var mode in Enum.GetValues<KvErasureMode>())
            {
                using var cache = KvModels.NewCache(model, "h2o(heavy=0.2,recent=0.3)", 3);
                KvConversation.Read(model, cache);
                cache.Erase(new(13, 16), new() { Mode = mode, ProbeBaseline = true });
            }
        }

        Run();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
