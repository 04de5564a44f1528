using Palimpsest.Models;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class TokenScorerTests
{
    public static TheoryData<string> Families => [.. GoldenFolder.Folders("models")];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    public void Answers_to_one_prompt_score_as_they_do_alone(int batchSize)
    {
        using var decoder = new CausalLM(DecoderConfig.TinyLlama(60, 32, 2, 4, 2, 64, 64), 5);
        AssertAsAlone(decoder, Sequences(60), batchSize);
    }

    [Theory, Trait("Category", "Golden")]
    [MemberData(nameof(Families))]
    public void Every_family_reads_a_shared_prompt_once_and_scores_the_same(string name)
    {
        using var decoder = ModelFolder.Load(GoldenFolder.TryGet("models", name)!);
        AssertAsAlone(decoder, Sequences(decoder.Config.VocabularySize), 64);
    }

    [Fact]
    public void Only_rows_with_one_prompt_of_some_length_are_read_together()
    {
        var batches = SharedPrompts.Batches(Sequences(60), 4).Select(batch => string.Join('|', batch.Select(group => string.Join(',', group)))).ToArray();
        Assert.Equal(["6|7|5", "3,4", "0,1,2"], batches);
    }

    /// <summary>Three answers to a prompt of 12, two to one of 14 tokens, one alone, and two whose prompt is too short to be shared.</summary>
    private static TokenSequence[] Sequences(int vocabulary)
    {
        var random = new SeededRandom(3);
        int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => 3 + random.Below(vocabulary - 3))];
        var (first, second, brief) = (Ids(12), Ids(14), Ids(3));
        TokenSequence Answer(int[] prompt, int count) => new([.. prompt, .. Ids(count)], prompt.Length);
        return
        [
            Answer(first, 4), Answer(first, 1), Answer(first, 7), Answer(second, 5), Answer(second, 6), Answer(Ids(9), 3), Answer(brief, 10), Answer(brief, 10),
        ];
    }

    private static void AssertAsAlone(CausalLM decoder, TokenSequence[] sequences, int batchSize)
    {
        var options = new ScoreOptions { BatchSize = batchSize, VocabularyMoments = true };
        var together = TokenScorer.Score(decoder, 0, sequences, options, default);
        for (var i = 0; i < sequences.Length; i++)
        {
            var alone = TokenScorer.Score(decoder, 0, [sequences[i]], options, default)[0];
            AssertClose(alone.LogProbabilities, together[i].LogProbabilities);
            AssertClose(alone.Mean, together[i].Mean);
            AssertClose(alone.Deviation, together[i].Deviation);
        }
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (e, a) in expected.Zip(actual))
            Assert.Equal(e, a, 1e-4);
    }
}
