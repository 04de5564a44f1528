namespace Palimpsest.Inference.Tests;

public sealed class KeyDiffTests
{
    [Fact]
    public void A_key_unlike_the_others_stays_whatever_its_length()
    {
        using var scope = NewDisposeScope();
        var keys = tensor(new float[] { 1, 0, 9, 0.1f, 0, 0.01f, 2, -0.1f }, [1, 1, 4, 2]);
        using var cache = KvModels.Holding(keys, keys);
        var policy = new KeyDiff(new() { Budget = KvBudget.OfTokens(1) });
        policy.AfterAttention(KvModels.Pass(policy, cache, KvModels.HeadConfig(1, 1, 2), keys));
        Assert.Equal([2L], KvModels.Held(cache));
    }

    [Fact]
    public void Scores_are_cosines_to_the_mean_direction()
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(3, CPU);
        var keys = randn([2, 2, 7, 5], generator: generator);
        using var cache = KvModels.Holding(keys, keys);
        var anchor = (keys / keys.square().sum(3, keepdim: true).sqrt()).mean([2], keepdim: true);
        var expected = -nn.functional.cosine_similarity(keys, anchor.expand_as(keys), 3);
        KvModels.Close(expected, KeyDiff.Scores(cache.Read()[0]), 1e-5);
    }
}
