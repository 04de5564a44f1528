namespace Palimpsest.Evaluation.Tests;

public sealed class PerplexityMetricTests
{
    private const string Text = "the owl is white. the owl that flies by night is brown. the owl sleeps by day.";

    [Fact]
    public void Every_token_weighs_the_same_whatever_its_block()
    {
        TokenScores Block(params float[] log) => new(log, new int[log.Length], [], []);
        var result = PerplexityMetric.Of([Block(-1), Block(-2, -3, -4)]); // mean (1 + 2 + 3 + 4) / 4
        Assert.Equal(
            (12.182494, 2.5, 4, 2),
            (Math.Round(result.Perplexity, 6), result.MeanNll, result.Tokens, result.Blocks)
        );
    }

    [Fact]
    public async Task A_model_without_opinion_has_its_vocabulary_as_perplexity()
    {
        using var model = UniformModel.Create(Text);
        var tokens = model.Tokenizer.Encode(Text, addSpecialTokens: false).Length;
        var result = await PerplexityMetric.RunAsync(model, Text, new() { BlockTokens = 5 });
        Assert.Equal((tokens / 5, tokens / 5 * 4), (result.Blocks, result.Tokens));
        Assert.Equal(model.Decoder.Config.VocabularySize, result.Perplexity, 1e-2);
        Assert.Equal(
            2,
            (await PerplexityMetric.RunAsync(model, Text, new() { BlockTokens = 5, MaxBlocks = 2 })).Blocks
        );
    }

    [Theory]
    [InlineData("a", 5, "needs at least one block of 5")]
    [InlineData(Text, 65, "the model has 64 positions")]
    public async Task A_text_below_one_block_and_a_block_beyond_the_positions_are_refused(
        string text,
        int block,
        string part
    )
    {
        using var model = UniformModel.Create(Text);
        var error = await Assert.ThrowsAsync<InputException>(() =>
            PerplexityMetric.RunAsync(model, text, new() { BlockTokens = block })
        );
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
