using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

/// <summary>Where the rotation of every token depends on how long the sequence is, a cache must be read anew as the
/// length crosses a bound: in forks, after cutting back, and when rows leave.</summary>
public sealed class LengthDependentAnglesTests : IDisposable
{
    private const int Bound = 8;
    private const int Rows = 3;
    private const int Tokens = 14;
    private const ulong Seed = 5;

    private readonly Dictionary<string, CausalLM> _models = new()
    {
        ["dynamic"] = New(new() { Kind = RopeScalingKind.Dynamic, Factor = 4 }, Bound),
        ["long"] = New(
            new()
            {
                Kind = RopeScalingKind.LongRope,
                Factor = 4,
                OriginalMaxPositions = Bound,
                ShortFactors = [1, 1, 1.1, 1.2],
                LongFactors = [1, 2, 3, 4],
            },
            4 * Bound
        ),
    };

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Kinds => ["dynamic", "long"];

    private static Tensor Ids =>
        tensor([.. Enumerable.Range(0, Rows * Tokens).Select(i => (long)(i * i % 47))], [Rows, Tokens]);

    public void Dispose()
    {
        _scope.Dispose();
        foreach (var model in _models.Values)
            model.Dispose();
    }

    [Fact]
    public void The_angles_of_hand_worked_lengths()
    {
        // θ' = θ · (s·L/N − (s − 1))^(d/(d−2)): 10000 · (4·14/8 − 3)^(8/6) for a head of 8, then θ'^(−2i/d).
        var (dynamic, _) = RotaryFrequencies.Compute(_models["dynamic"].Config, 8, 14);
        var theta = 10000 * Math.Pow(4, 8.0 / 6);
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal(Math.Pow(theta, -i / 4.0), dynamic[i], 1e-6));
        var (shorter, scale) = RotaryFrequencies.Compute(_models["long"].Config, 8, Bound);
        var (longer, _) = RotaryFrequencies.Compute(_models["long"].Config, 8, Bound + 1);
        Assert.Equal(1 / (1.1 * 100), shorter[2], 1e-8);
        Assert.Equal(1 / (3.0 * 100), longer[2], 1e-8);
        Assert.Equal(Math.Sqrt(1 + Math.Log(4) / Math.Log(8)), scale, 1e-12);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_cache_that_crosses_the_bound_gives_the_whole_pass(string kind)
    {
        foreach (var cut in (int[])[1, 5, Bound, Bound + 1, 12])
        {
            using var cache = NewCache(kind);
            Read(kind, Ids[.., ..cut], cache);
            for (var at = cut; at < Tokens; at++)
                AssertClose(Whole(kind, Ids[.., ..(at + 1)])[.., at..], Read(kind, Ids[.., at..(at + 1)], cache));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_fork_and_its_origin_cross_the_bound_apart(string kind)
    {
        using var cache = NewCache(kind);
        Read(kind, Ids[.., ..6], cache);
        using var fork = cache.Fork(2);
        var twice = Ids.repeat_interleave(2, 0);
        AssertClose(Whole(kind, twice)[.., 6..], Read(kind, twice[.., 6..], fork));
        // The origin has not crossed it.
        AssertClose(Whole(kind, Ids[.., ..7])[.., 6..], Read(kind, Ids[.., 6..7], cache));
        AssertClose(Whole(kind, Ids)[.., 7..], Read(kind, Ids[.., 7..], cache));
        // One that is forked beyond the bound holds keys of those angles.
        using var late = cache.Fork();
        var more = cat([Ids, Ids[.., ..3]], 1);
        AssertClose(Whole(kind, more)[.., Tokens..], Read(kind, more[.., Tokens..], late));
        using var back = cache.Fork();
        back.Truncate(4);
        AssertClose(Whole(kind, Ids[.., ..6])[.., 4..], Read(kind, Ids[.., 4..6], back));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_cache_that_is_cut_back_below_the_bound_has_the_angles_of_its_length(string kind)
    {
        using var cache = NewCache(kind);
        Read(kind, Ids, cache);
        cache.Truncate(4);
        var other = cat([Ids[.., ..4], Ids[.., 9..12]], 1);
        AssertClose(Whole(kind, other[.., ..6])[.., 4..], Read(kind, other[.., 4..6], cache));
        AssertClose(Whole(kind, other)[.., 6..], Read(kind, other[.., 6..], cache));
        cache.Truncate(0);
        AssertClose(Whole(kind, Ids), Read(kind, Ids, cache));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_batch_that_shrinks_keeps_each_row_s_own_tokens(string kind)
    {
        using var cache = NewCache(kind);
        Read(kind, Ids[.., ..6], cache);
        cache.SelectRows([2, 0]);
        var chosen = Ids.index_select(0, tensor(new long[] { 2, 0 }));
        AssertClose(Whole(kind, chosen)[.., 6..], Read(kind, chosen[.., 6..], cache));
        cache.SelectRows([1]);
        var last = cat([chosen[1..], Ids[..1, ..2]], 1);
        AssertClose(Whole(kind, last)[.., Tokens..], Read(kind, last[.., Tokens..], cache));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void When_the_long_rows_leave_a_short_one_has_the_angles_of_its_own_length(string kind)
    {
        // Row 0 has 12 tokens, row 1 the last 5 of them, padded on the left.
        var ids = Ids[..2, ..12];
        var mask = ones([2, 13], dtype: ScalarType.Int64);
        mask[1, ..7] = 0;
        using var cache = new KvCache(_models[kind].Config, 2, 4);
        Read(kind, ids, cache, mask[.., ..12]);
        cache.SelectRows([1]);
        var next = Ids[2..3, ..1];
        var alone = Whole(kind, cat([ids[1..2, 7..], next], 1));
        AssertClose(alone[.., 5..], Read(kind, next, cache, mask[1..2]));
    }

    private static CausalLM New(RopeScaling scaling, int positions) =>
        new(DecoderConfig.TinyLlama(50, 32, 2, 4, 2, 64, positions) with { RopeScaling = scaling }, Seed);

    private KvCache NewCache(string kind) => new(_models[kind].Config, Rows, 4);

    // A model that has read nothing before holds no angles of another length.
    private Tensor Whole(string kind, Tensor ids)
    {
        using var grad = no_grad();
        using var fresh = new CausalLM(_models[kind].Config, Seed);
        return fresh.Forward(new() { TokenIds = ids }).Logits!;
    }

    private Tensor Read(string kind, Tensor ids, KvCache cache, Tensor? mask = null)
    {
        using var grad = no_grad();
        return _models[kind]
            .Forward(
                new()
                {
                    TokenIds = ids,
                    AttentionMask = mask,
                    Cache = cache,
                }
            )
            .Logits!;
    }

    private static void AssertClose(Tensor expected, Tensor actual) =>
        GoldenModel.AssertClose(expected, actual, null, "logits", 1e-5);
}
