using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class KeyNormTests
{
    [Fact]
    public void The_shortest_keys_stay_head_by_head()
    {
        using var scope = NewDisposeScope();
        var keys = tensor(new float[] { 3, 1, 2, 5, 9, 4, 1, 2 }, [1, 2, 4, 1]);
        using var cache = KvModels.Holding(keys, keys);
        var policy = new KeyNorm(new() { Budget = KvBudget.OfTokens(2) });
        policy.AfterAttention(KvModels.Pass(policy, cache, KvModels.HeadConfig(2, 2, 1), keys));
        Assert.Equal([1L, 2], KvModels.Held(cache));
        Assert.Equal([2L, 3], KvModels.Held(cache, head: 1));
    }

    [Fact]
    public void Of_equal_keys_the_newer_stay()
    {
        using var scope = NewDisposeScope();
        var keys = tensor(new float[] { 2, 2, 2.000001f, 5, 2 }, [1, 1, 5, 1]);
        using var cache = KvModels.Holding(keys, keys);
        var policy = new KeyNorm(new() { Budget = KvBudget.OfTokens(2) });
        policy.AfterAttention(KvModels.Pass(policy, cache, KvModels.HeadConfig(1, 1, 1), keys));
        Assert.Equal([2L, 4], KvModels.Held(cache));
    }

    [Fact]
    public void The_length_is_that_of_the_whole_vector()
    {
        using var scope = NewDisposeScope();
        var keys = tensor(new float[] { 3, 3, 4, 0, 0, 5 }, [1, 1, 3, 2]); // lengths 4.24, 4, 5
        using var cache = KvModels.Holding(keys, keys);
        var policy = new KeyNorm(new() { Budget = KvBudget.OfTokens(2) });
        policy.AfterAttention(KvModels.Pass(policy, cache, KvModels.HeadConfig(1, 1, 2), keys));
        Assert.Equal([0L, 1], KvModels.Held(cache));
    }

    [Fact]
    public void Kvpress_keeps_entries_of_the_same_lengths()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("llama");
        using var inputs = Open("inputs");
        using var reference = Open("knorm");
        using var cache = KvModels.NewCache(golden.Model, "knorm(budget=0.5)", 2);
        golden.Model.Forward(new() { TokenIds = inputs.Read("ids"), Cache = cache });
        for (var layer = 0; layer < cache.Layers; layer++)
        {
            // Entries of equal lengths are kept by rounding alone.
            var (expected, _) = reference.Read($"k.{layer}").square().sum(-1).sort(-1);
            var (actual, _) = cache.Keys(layer).square().sum(-1).sort(-1);
            KvModels.Close(expected, actual);
            if (layer == 0)
                continue;
            var (byValue, _) = reference.Read($"v.{layer}").sum(-1).sort(-1);
            KvModels.Close(byValue, cache.Values(layer).sum(-1).sort(-1).Values);
        }

        static SafetensorsFile Open(string name) =>
            SafetensorsFile.Open(Path.Combine(GoldenFolder.Root, "kvpress", $"{name}.safetensors"));
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 2)]
    public void Entries_leave_while_decoding_only_when_told(bool atSteps, int held)
    {
        using var scope = NewDisposeScope();
        var keys = tensor(new float[] { 3, 1, 2, 5 }, [1, 1, 4, 1]);
        using var cache = KvModels.Holding(keys, keys);
        var config = KvModels.HeadConfig(1, 1, 1);
        var policy = new KeyNorm(new() { Budget = KvBudget.OfPrompt(0.5), AtSteps = atSteps });
        policy.AfterAttention(KvModels.Pass(policy, cache, config, keys));
        var next = ones([1, 1, 1, 1]) * 7;
        cache.Append(next, next, new(full([1, 1], 4, ScalarType.Int64)));
        policy.AfterAttention(KvModels.Pass(policy, cache, config, next, KvPhase.Step));
        Assert.Equal(held, cache.Width);
    }
}
