namespace Palimpsest.Inference.Tests;

/// <summary>The sampler on four tokens of probability 0.5, 0.3, 0.15 and 0.05, against values worked out by
/// hand.</summary>
public sealed class TokenSamplerTests
{
    private static readonly double[] Probabilities = [0.5, 0.3, 0.15, 0.05];

    [Theory]
    [InlineData(1, 0, 1, 0, new[] { 0.5, 0.3, 0.15, 0.05 })]
    [InlineData(2, 0, 1, 0, new[] { 0.378996, 0.293569, 0.207585, 0.119849 })] // √p / Σ√p
    [InlineData(0.5, 0, 1, 0, new[] { 0.684932, 0.246575, 0.061644, 0.006849 })] // p² / Σp²
    [InlineData(1, 2, 1, 0, new[] { 0.625, 0.375, 0, 0 })] // the two likeliest
    [InlineData(1, 9, 1, 0, new[] { 0.5, 0.3, 0.15, 0.05 })] // more than there are
    [InlineData(1, 0, 0.5, 0, new[] { 1.0, 0, 0, 0 })] // the first alone reaches 0.5
    [InlineData(1, 0, 0.51, 0, new[] { 0.625, 0.375, 0, 0 })]
    [InlineData(1, 0, 0.96, 0, new[] { 0.5, 0.3, 0.15, 0.05 })]
    [InlineData(1, 0, 1, 0.25, new[] { 0.526316, 0.315789, 0.157895, 0 })] // p ≥ 0.125
    [InlineData(1, 0, 1, 1, new[] { 1.0, 0, 0, 0 })]
    [InlineData(1, 3, 0.83, 0, new[] { 0.625, 0.375, 0, 0 })] // 0.8 of the 0.95 that top-k leaves is 0.842
    [InlineData(1, 3, 0.85, 0, new[] { 0.526316, 0.315789, 0.157895, 0 })]
    [InlineData(1, 3, 0.99, 0.5, new[] { 0.625, 0.375, 0, 0 })] // then p ≥ 0.25
    public void Draws_follow_the_distribution_that_is_left(
        double temperature,
        int topK,
        double topP,
        double minP,
        double[] left
    )
    {
        var options = new GenerationOptions
        {
            Temperature = temperature,
            TopK = topK,
            TopP = topP,
            MinP = minP,
        };
        var (sampler, random) = (new TokenSampler(options, seed: 11, Row()), new SeededRandom(11));
        for (var draw = 0; draw < 3000; draw++)
        {
            var point = random.Unit();
            var (expected, sum) = (0, left[0]);
            while (sum <= point && expected < 3)
                sum += left[++expected];
            // Within the rounding of the values above the draw may fall on either side.
            if (Math.Abs(sum - point) > 2e-6 && Math.Abs(sum - left[expected] - point) > 2e-6)
                Assert.Equal(expected, sampler.Next(Logits()));
            else
                sampler.Next(Logits());
        }
    }

    [Fact]
    public void The_likeliest_come_first_whatever_their_ids()
    {
        var sampler = new TokenSampler(new() { Temperature = 1, TopK = 2 }, seed: 3, Row());
        var drawn = Enumerable
            .Range(0, 200)
            .Select(_ => sampler.Next([.. Probabilities.Reverse().Select(p => (float)Math.Log(p))]))
            .ToHashSet();
        Assert.Equal([2, 3], drawn.Order());
    }

    [Fact]
    public void A_penalty_divides_what_is_positive_multiplies_what_is_negative_and_counts_a_token_once()
    {
        var sampler = new TokenSampler(new() { RepetitionPenalty = 2 }, seed: 1, Row(0, 0, 3));
        float[] logits = [4, 1.9f, 1.5f, -1];
        Assert.Equal(0, sampler.Next(logits)); // 2 against 1.9
        Assert.Equal([2, 1.9f, 1.5f, -2], logits);
        logits = [3.6f, 1.9f, 1.5f, -1];
        Assert.Equal(1, sampler.Next(logits)); // 1.8 against 1.9: 0 was seen three times and is halved once
        logits = [2.8f, 1.9f, 1.5f, -1];
        Assert.Equal(2, sampler.Next(logits)); // 1.4, 0.95, 1.5
        Assert.Equal([1.4f, 0.95f, 1.5f, -2], logits);
    }

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(0.5, 1, true)]
    [InlineData(0, 1.1, true)]
    public void Greedy_decoding_without_penalty_needs_no_sampler(double temperature, double penalty, bool needed) =>
        Assert.Equal(needed, TokenSampler.IsNeeded(new() { Temperature = temperature, RepetitionPenalty = penalty }));

    private static float[] Logits() => [.. Probabilities.Select(p => (float)Math.Log(p))];

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
        var sampler = new TokenSampler(
            new()
            {
                Temperature = 1,
                TopK = topK,
                TopP = topP,
                MinP = minP,
            },
            5,
            Row()
        );
        var drawn = Enumerable.Range(0, 40_000).Select(_ => sampler.Next(logits.ToArray())).ToHashSet();
        Assert.Equal(Kept(logits, topK, topP, minP).Order(), drawn.Order());
    }

    private static RowStart Row(params int[] prompt) => new(prompt, int.MaxValue, new HashSet<int>());

    private static IEnumerable<int> Kept(float[] logits, int topK, double topP, double minP)
    {
        var total = logits.Sum(logit => Math.Exp(logit));
        var ranked = Enumerable
            .Range(0, logits.Length)
            .Select(id => (Id: id, P: Math.Exp(logits[id]) / total))
            .OrderByDescending(t => t.P)
            .Take(topK == 0 ? int.MaxValue : topK)
            .ToArray();
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
