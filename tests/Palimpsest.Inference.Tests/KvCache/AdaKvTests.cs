namespace Palimpsest.Inference.Tests;

public sealed class AdaKvTests
{
    [Fact]
    public void Heads_compete_for_one_budget_and_each_has_its_safeguard()
    {
        using var scope = NewDisposeScope();
        var scores = tensor(new[] { 0.9f, 0.8f, 0.7f, 0.6f, 0.1f, 0.2f, 0.05f, 0.01f }, [1, 2, 4]);
        var keys = zeros([1, 2, 4, 2]);
        using var cache = new HeadwiseLayerCache(new(0, 1, 2, 2, 4, CPU));
        cache.Append(keys, keys, new(arange(4).unsqueeze(0)));
        var policy = new AdaKv(new() { Safeguard = 0.5 });
        cache.Apply(policy.Choose(scores, cache.ReadAsOne(), [2]));
        Assert.Equal([0L, 1, 2], KvModels.Held(cache, head: 0));
        Assert.Equal([1L], KvModels.Held(cache, head: 1));
        using var free = new HeadwiseLayerCache(new(0, 1, 2, 2, 4, CPU));
        free.Append(keys, keys, new(arange(4).unsqueeze(0)));
        free.Apply(new AdaKv(new() { Safeguard = 0 }).Choose(scores, free.ReadAsOne(), [2]));
        Assert.Equal([0L, 1, 2, 3], KvModels.Held(free, head: 0));
        Assert.Empty(KvModels.Held(free, head: 1));
    }

    [Fact]
    public void What_a_head_does_not_hold_takes_no_room()
    {
        using var scope = NewDisposeScope();
        const int tokens = 400;
        var keys = zeros([1, 2, tokens, 16]);
        using var cache = new HeadwiseLayerCache(new(0, 1, 2, 16, tokens, CPU));
        cache.Append(keys, keys, new(arange(tokens).unsqueeze(0)));
        var whole = cache.Bytes.Physical;
        var scores = cat([ones([1, 1, tokens]), zeros([1, 1, tokens])], 1);
        cache.Apply(new AdaKv(new() { Safeguard = 0.1 }).Choose(scores, cache.ReadAsOne(), [100]));
        Assert.Equal([190, 10], cache.Groups.Select(group => group.Part.Width));
        Assert.InRange(cache.Bytes.Physical, 200 * 16 * 2 * 4, 0.35 * whole);
    }

    [Fact]
    public void Attention_over_heads_of_different_lengths_is_that_of_padded_ones()
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(2, CPU);
        var config = KvModels.HeadConfig(4, 2, 8);
        var (keys, values) = (randn([2, 2, 30, 8], generator: generator), randn([2, 2, 30, 8], generator: generator));
        using var cache = new HeadwiseLayerCache(new(0, 2, 2, 8, 30, CPU));
        cache.Append(keys, values, new(arange(30).unsqueeze(0)));
        cache.Apply(new AdaKv(new() { Safeguard = 0.1 }).Choose(randn([2, 2, 30]), cache.ReadAsOne(), [9, 6]));
        using var attention = new SegmentedAttention(config, 0);
        foreach (var count in new[] { 1, 3 })
        {
            var query = randn([2, 4, count, 8], generator: generator);
            SegmentedQuery asked = new(query, query, arange(30, 30 + count).unsqueeze(0));
            var (expected, _) = attention.Run(asked, [cache.ReadAsOne()]);
            KvModels.Close(expected, attention.Run(asked, cache.ReadByHeads()!), 1e-5);
        }
    }

    [Fact]
    public void A_full_safeguard_is_snapkv()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        int[][] prompts = [KvModels.Tokens(24, 1), KvModels.Tokens(15, 2)];
        var steps = KvModels.Tokens(6, 3);
        KvModels.Close(
            KvModels.Run(model, "snapkv(budget=0.5,window=4)", prompts, steps),
            KvModels.Run(model, "ada-kv(budget=0.5,window=4,safeguard=1)", prompts, steps)
        );
    }

    [Fact]
    public void A_second_prompt_competes_with_what_the_first_has_left()
    {
        using var scope = NewDisposeScope();
        var keys = zeros([1, 2, 6, 2]);
        using var cache = new HeadwiseLayerCache(new(0, 1, 2, 2, 6, CPU));
        cache.Append(keys, keys, new(arange(6).unsqueeze(0)));
        var policy = new AdaKv(new() { Safeguard = 0 });
        var scores = tensor(new[] { 9f, 8, 7, 6, 5, 0, 0, 0, 0, 0, 0, 9 }, [1, 2, 6]);
        cache.Apply(policy.Choose(scores, cache.ReadAsOne(), [3]));
        Assert.Equal([5L], KvModels.Held(cache, head: 1)); // five of the other
        var more = zeros([1, 2, 2, 2]);
        cache.Append(more, more, new(arange(6, 8).unsqueeze(0)));
        var one = cache.ReadAsOne(); // seven columns: the second head's three are the last
        var next = tensor(new[] { 1f, 9, 0, 0, 0, 0, 8, 0, 0, 0, 0, 7, 0, 6 }, [1, 2, 7]);
        cache.Apply(policy.Choose(next, one, [2]));
        Assert.Equal([1L, 7], KvModels.Held(cache));
        Assert.Equal([5L, 7], KvModels.Held(cache, head: 1));
    }
}
