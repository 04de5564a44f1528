using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class ForbiddenTokensTests : LogitProcessorContract
{
    protected override ILogitProcessor Create() => new ForbiddenTokens([6, 2]);

    protected override ILogitProcessor CreateIdle() => new ForbiddenTokens([]);

    [Fact]
    public void Exactly_the_tokens_that_were_named_are_forbidden()
    {
        float[] logits = [1, 2, 3];
        Create().Begin([]);
        new ForbiddenTokens([1]).Begin([]).Process(logits);
        Assert.Equal([1, float.NegativeInfinity, 3], logits);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    public void An_id_outside_the_vocabulary_is_refused(int id) =>
        Assert.Contains(
            $"Token id {id}",
            Assert.Throws<InputException>(() => new ForbiddenTokens([id]).Process(new float[3])).Message,
            StringComparison.Ordinal
        );
}

public sealed class PenaltyProcessorTests : LogitProcessorContract
{
    protected override ILogitProcessor Create() =>
        new PenaltyProcessor(
            new()
            {
                RepetitionPenalty = 1.5,
                FrequencyPenalty = 0.5,
                PresencePenalty = 0.25,
            }
        );

    protected override ILogitProcessor CreateIdle() => new PenaltyProcessor(new());

    [Fact]
    public void Frequency_counts_and_presence_does_not_and_the_prompt_counts_for_repetition_alone()
    {
        var row = Create().Begin([0, 0]);
        row.Accept(1);
        row.Accept(1);
        float[] logits = [3, 3, 3];
        row.Process(logits);
        Assert.Equal([2, 2 - 2 * 0.5f - 0.25f, 3], logits);
    }
}
