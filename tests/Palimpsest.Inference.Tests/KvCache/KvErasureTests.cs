using Palimpsest.Erasure;

namespace Palimpsest.Inference.Tests;

/// <summary>What is left of a span after it was erased, of every policy on every kind of model.</summary>
public sealed class KvErasureTests
{
    // A prompt in two parts, an answer, another prompt, an answer.
    private static readonly (int Start, int Count, KvPhase Phase)[] Passes =
    [
        (0, 10, KvPhase.PrefillChunk),
        (10, 11, KvPhase.PrefillEnd),
        (21, 1, KvPhase.Step),
        (22, 1, KvPhase.Step),
        (23, 1, KvPhase.Step),
        (24, 6, KvPhase.PrefillEnd),
        (30, 1, KvPhase.Step),
    ];

    public static TheoryData<string, string> All =>
        [.. KvModels.Families.SelectMany(family => KvModels.Policies.Select(policy => (family, policy)))];

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
            Read(model, erased);
            Read(model, never, span);
            var report = erased.Erase(span);
            Assert.True(report.IsDone);
            Assert.Equal(ErasureStatus.Rebuilt, report.Places[0].Status);
            Assert.Equal(31 - span.Length, erased.Length);
            Assert.Equal(never.Bytes, erased.Bytes);
            KvModels.Same(Next(model, never, span), Next(model, erased, span));
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
        Read(model, erased);
        Read(model, never, span);
        var (first, whole) = (erased.Keys(0).narrow(2, 0, 13).clone(), erased[0].Plain().Keys);
        var report = erased.Erase(span);
        Assert.Equal("15 later tokens were read again.", report.Places[0].Found);
        KvModels.Same(first, erased.Keys(0).narrow(2, 0, 13));
        Assert.Equal(0, whole.narrow(2, 28, 3).abs().max().item<float>()); // what was longer is overwritten
        KvModels.Close(Next(model, never, span), Next(model, erased, span));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("snapkv(budget=0.5,window=4)+kivi(bits=2,group=4,residual=4)")]
    public void Forks_rows_and_erasures_in_a_row_forget_too(string? policy)
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, policy, 3);
        Read(model, cache);
        using var fork = cache.Fork(2);
        fork.SelectRows([0, 2, 4]);
        fork.Truncate(30);
        fork.Erase(new(22, 26));
        fork.Erase(new(13, 16));
        using var never = KvModels.NewCache(model, policy, 3);
        Read(model, never, new(13, 16), new(22, 26), new(30, 31));
        KvModels.Close(
            Next(model, never, new(13, 16), new(22, 26), new(30, 31)),
            Next(model, fork, new(13, 16), new(22, 26), new(30, 31))
        );
    }

    [Fact]
    public void Dropped_entries_leave_what_later_tokens_have_read_of_them()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, null, 3);
        Read(model, cache);
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
        Read(model, held, new KvSpan(13, 16));
        KvModels.Close(Next(model, held, new KvSpan(13, 16)), Next(model, cache, new KvSpan(13, 16)));
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
                Read(model, cache);
                cache.Erase(new(13, 16), new() { Mode = mode, ProbeBaseline = true });
            }
        }

        Run();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static long[] Columns(IReadOnlyList<KvSpan> without, int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Where(column => !without.Any(span => column >= span.Start && column < span.End))
                .Select(column => (long)column),
        ];

    /// <summary>Three rows, padded on the left, without some columns.</summary>
    private static (Tensor Ids, Tensor Mask) Rows(IReadOnlyList<KvSpan> without)
    {
        int[] lengths = [31, 27, 19];
        var ids = zeros([3, 31], ScalarType.Int64);
        var mask = zeros([3, 31], ScalarType.Bool);
        foreach (var (row, length) in lengths.Index())
        {
            var tokens = tensor(KvModels.Tokens(length, (ulong)row + 1).Select(id => (long)id).ToArray());
            ids[row].narrow(0, 31 - length, length).copy_(tokens);
            mask[row].narrow(0, 31 - length, length).fill_(true);
        }

        var index = tensor(Columns(without, 31));
        return (ids.index_select(1, index), mask.index_select(1, index));
    }

    private static void Read(CausalLM model, Models.KvCache cache, params KvSpan[] without)
    {
        using var scope = NewDisposeScope();
        var (ids, mask) = Rows(without);
        var at = 0;
        var passes = Passes
            .Select(pass =>
                (pass.Phase, Count: Columns(without, 31).Count(c => c >= pass.Start && c < pass.Start + pass.Count))
            )
            .Where(pass => pass.Count > 0)
            .ToArray();
        foreach (var (number, (phase, count)) in passes.Index())
        {
            var ends = phase == KvPhase.PrefillChunk && passes[number + 1].Phase == KvPhase.Step;
            model.Forward(
                new()
                {
                    TokenIds = ids.narrow(1, at, count),
                    AttentionMask = mask.narrow(1, 0, at + count),
                    Cache = cache,
                    Phase = ends ? KvPhase.PrefillEnd : phase,
                    Logits = LogitsFor.None,
                }
            );
            at += count;
        }
    }

    private static Tensor Next(CausalLM model, Models.KvCache cache, params KvSpan[] without)
    {
        using var scope = NewDisposeScope();
        var (_, mask) = Rows(cache.Length == 31 ? [] : without);
        var logits = new List<Tensor>();
        for (var step = 1; step < 4; step++)
        {
            var output = model.Forward(
                new()
                {
                    TokenIds = full([3, 1], 7 * step, ScalarType.Int64),
                    AttentionMask = cat([mask, ones([3, step], ScalarType.Bool)], 1),
                    Cache = cache,
                }
            );
            logits.Add(output.Logits!);
        }

        return cat(logits, 1).MoveToOuterDisposeScope();
    }
}
