using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class TokenScorerTests
{
    private static readonly DecoderConfig Plain = DecoderConfig.TinyLlama(97, 32, 2, 4, 2, 64, 64) with
    {
        InitializerRange = 0.2,
    };

    public static TheoryData<string> Families => [.. GoldenFolder.Folders("models")];

    public static TheoryData<string> Kinds => ["plain", "window", "learned positions"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Answers_to_one_prompt_score_as_each_does_alone(string kind)
    {
        using var decoder = new CausalLM(Config(kind), 5);
        AssertAsAlone(decoder);
    }

    [Theory, Trait("Category", "Golden")]
    [MemberData(nameof(Families))]
    public void Every_family_scores_the_same_from_a_shared_prompt(string name)
    {
        using var decoder = ModelFolder.Load(GoldenFolder.TryGet("models", name)!);
        if (decoder.Config.RopeScaling?.Kind is RopeScalingKind.Dynamic or RopeScalingKind.LongRope)
            Assert.Skip("its angles follow the longest sequence of a batch, as the reference's do");
        AssertAsAlone(decoder);
    }

    [Fact]
    public void A_shared_prompt_is_read_once()
    {
        using var decoder = new CausalLM(Plain, 5);
        TokenSequence[] sequences =
        [
            .. Enumerable
                .Range(0, 6)
                .Select(i => new TokenSequence([.. Enumerable.Range(1, 30), 40 + i, 50 + i], 30, i)),
        ];
        var counter = new Counter();
        decoder.Projections[0].Add(counter);
        TokenScorer.Score(decoder, 0, sequences, new() { BatchSize = 8 }, CancellationToken.None);
        Assert.Equal(30 + 6, counter.Tokens);
    }

    [Fact]
    public void What_training_learns_of_a_row_does_not_change_its_score()
    {
        using var decoder = new CausalLM(Plain, 5);
        TokenSequence[] sequences =
        [
            new([1, 2, 3, 4, 5, 6, 7, 8], 5),
            new([1, 2, 3, 4, 5, 9, 8], 5, 1),
            new([3, 1, 2], 1, 2),
        ];
        TokenSequence[] learned =
        [
            .. sequences.Select(s => s with { Labels = [.. s.Ids.Select((_, i) => i == s.Ids.Length - 1)] }),
        ];
        var options = new ScoreOptions();
        var expected = TokenScorer.Score(decoder, 0, sequences, options, CancellationToken.None);
        AssertSame(expected, TokenScorer.Score(decoder, 0, learned, options, CancellationToken.None));
        var steps = new DecoderSteps(decoder);
        var bySteps = StepScorer.Score(steps, 0, sequences, options, CancellationToken.None);
        AssertSame(bySteps, StepScorer.Score(steps, 0, learned, options, CancellationToken.None));
    }

    private static void AssertSame(IReadOnlyList<TokenScores> expected, IReadOnlyList<TokenScores> actual)
    {
        foreach (var (mine, its) in expected.Zip(actual))
            Assert.Equal(mine.LogProbabilities, its.LogProbabilities);
    }

    private static void AssertAsAlone(CausalLM decoder)
    {
        var sequences = Sequences();
        var options = new ScoreOptions { BatchSize = 4, VocabularyMoments = true };
        var together = TokenScorer.Score(decoder, 0, sequences, options, CancellationToken.None);
        for (var i = 0; i < sequences.Length; i++)
        {
            var alone = TokenScorer.Score(decoder, 0, [sequences[i]], options, CancellationToken.None)[0];
            Assert.Equal(sequences[i].LabelCount, together[i].LogProbabilities.Length);
            Assert.Equal(alone.Greedy, together[i].Greedy);
            for (var t = 0; t < alone.LogProbabilities.Length; t++)
            {
                Assert.Equal(alone.LogProbabilities[t], together[i].LogProbabilities[t], 1e-4);
                Assert.Equal(alone.Mean[t], together[i].Mean[t], 1e-4);
                Assert.Equal(alone.Deviation[t], together[i].Deviation[t], 1e-4);
            }
        }
    }

    private static DecoderConfig Config(string kind) =>
        kind switch
        {
            "window" => Plain with { SlidingWindow = 5 },
            "learned positions" => Plain with { LearnedPositions = true },
            _ => Plain,
        };

    /// <summary>Groups of one to six answers to prompts of many lengths, answers of one token and of many among
    /// them.</summary>
    private static TokenSequence[] Sequences()
    {
        var random = new SeededRandom(3);
        int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => 1 + random.Below(96))];
        var sequences = new List<TokenSequence>();
        foreach (var (length, answers) in new[] { (1, 2), (3, 2), (5, 6), (9, 3), (9, 4), (14, 1), (21, 5) })
        {
            var prompt = Ids(length);
            for (var i = 0; i < answers; i++)
                sequences.Add(new([.. prompt, .. Ids(1 + random.Below(12))], length, sequences.Count));
        }

        sequences.Add(new(sequences[^1].Ids[..21], 21, sequences.Count));
        return random.Shuffled(sequences);
    }

    private sealed class Counter : IProjectionDelta
    {
        public string Name => "counter";

        public bool Active => true;

        public long Tokens { get; private set; }

        public Tensor Apply(Tensor x, Tensor output, in DeltaContext context)
        {
            Tokens += x.shape[0] * x.shape[1];
            return output;
        }

        public Tensor TryMerge(Tensor weight) => weight;
    }
}
