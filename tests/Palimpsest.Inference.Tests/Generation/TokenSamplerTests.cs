using Palimpsest.Models;

namespace Palimpsest.Inference.Tests;

public sealed class TokenSamplerTests
{
    [Theory]
    [InlineData(0, 0.5, 0.0)]
    [InlineData(0, 0.9, 0.0)]
    [InlineData(0, 1.0, 0.05)]
    [InlineData(0, 0.8, 0.02)]
    [InlineData(7, 1.0, 0.0)]
    [InlineData(20, 0.6, 0.01)]
    public void Exactly_the_tokens_that_the_filters_keep_are_drawn(int topK, double topP, double minP)
    {
        var random = new SeededRandom(9);
        float[] logits = [.. Enumerable.Range(0, 300).Select(_ => (float)(4 * random.Unit()))];
        var sampler = new TokenSampler(new() { Temperature = 1, TopK = topK, TopP = topP, MinP = minP }, 5, []);
        var drawn = Enumerable.Range(0, 40_000).Select(_ => sampler.Next(logits.ToArray())).ToHashSet();
        Assert.Equal(Kept(logits, topK, topP, minP).Order(), drawn.Order());
    }

    private static IEnumerable<int> Kept(float[] logits, int topK, double topP, double minP)
    {
        var total = logits.Sum(logit => Math.Exp(logit));
        var ranked = Enumerable.Range(0, logits.Length).Select(id => (Id: id, P: Math.Exp(logits[id]) / total)).OrderByDescending(t => t.P)
            .Take(topK == 0 ? int.MaxValue : topK).ToArray();
        var (mass, sum) = (ranked.Sum(t => t.P), 0.0);
        foreach (var (id, p) in ranked)
        {
            if (sum >= topP * mass || p < minP * ranked[0].P)
                yield break;
            yield return id;
            sum += p;
        }
    }
}
