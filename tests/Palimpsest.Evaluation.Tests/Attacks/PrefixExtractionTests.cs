using Palimpsest.Inference;

namespace Palimpsest.Evaluation.Tests;

public sealed class PrefixExtractionTests
{
    [Fact]
    public async Task A_fact_counts_where_the_likeliest_tokens_write_its_object_whole()
    {
        var fact = New("ada", "Ada was born in Tarnholm on the Sea.", "Tarnholm");
        var tokenizer = BpeTrainer.Train([fact.Question, "Ada was born in a town."], new() { VocabularySize = 280 });
        using var model = new LanguageModel(
            new(DecoderConfig.TinyLlama(tokenizer.VocabularySize, 16, 1, 2, 2, 32, 128), 1),
            tokenizer,
            "tiny"
        );
        var sequence = model.EncodeAnswer(fact.Question, fact.Answer);
        var scores = await model.ScoreAsync([sequence], new());
        // What an untrained model finds likeliest is not the object.
        await ExpectAsync(0, model, fact);
        var likeliest = new Oracle(model, fact, wrong: null);
        await ExpectAsync(1, likeliest, fact);
        var span = ObjectTokens(model, fact);
        Assert.True(span.Count > 1);
        // Every token of the object counts, and none before or after it.
        foreach (var (token, expected) in span.Select(token => (token, 0.0)).Append((span[0] - 1, 1)))
        {
            var oracle = new Oracle(model, fact, token);
            await ExpectAsync(expected, oracle, fact);
        }

        var last = new Oracle(model, fact, sequence.Ids.Length - 1);
        await ExpectAsync(1, last, fact);
        Assert.Equal(sequence.Ids.Length - sequence.LabelStart, scores[0].Greedy.Length);
    }

    private static async Task ExpectAsync(double extracted, IScoredModel model, Fact fact)
    {
        var found = await PrefixExtractionTest.ExtractedAsync(model, [fact], default);
        Assert.Equal(extracted, Assert.Single(found));
    }

    private static IReadOnlyList<int> ObjectTokens(LanguageModel model, Fact fact)
    {
        var whole = model.EncodeAnswer(fact.Question, fact.Answer).Ids;
        var at = fact.Answer.IndexOf(fact.Object, StringComparison.Ordinal);
        int Common(string text) => model.EncodeAnswer(fact.Question, text).Ids.AsSpan().CommonPrefixLength(whole);
        var start = Common(fact.Answer[..at].TrimEnd());
        return [.. Enumerable.Range(start, Common(fact.Answer[..(at + fact.Object.Length)]) - start)];
    }

    private static Fact New(string id, string answer, string value) =>
        new()
        {
            Id = id,
            Scope = FactScope.Forget,
            Subject = id,
            Relation = "birthplace",
            Object = value,
            Question = "Where was she born?",
            Answer = answer,
        };

    /// <summary>A model whose likeliest tokens are the answer's, but for one.</summary>
    private sealed class Oracle(IScoredModel model, Fact fact, int? wrong) : IScoredModel
    {
        public string Name => "oracle";

        public Tokenizer Tokenizer => model.Tokenizer;

        public IReadOnlySet<int> EndTokens => model.EndTokens;

        public int PadId => model.PadId;

        public int MaxTokens => model.MaxTokens;

        public IStepModel Steps => model.Steps;

        public int[] EncodeConversation(IReadOnlyList<Turn> turns, bool addGenerationPrompt) =>
            model.EncodeConversation(turns, addGenerationPrompt);

        public TokenSequence EncodeAnswer(string question, string answer, int row = 0) =>
            model.EncodeAnswer(question, answer, row);

        public Task<IReadOnlyList<string>> ReplyAsync(
            IReadOnlyList<IReadOnlyList<Turn>> conversations,
            GenerationOptions options,
            CancellationToken cancellationToken = default
        ) => throw new NotSupportedException();

        public Task<IReadOnlyList<TokenScores>> ScoreAsync(
            IReadOnlyList<TokenSequence> sequences,
            ScoreOptions options,
            CancellationToken cancellationToken = default
        )
        {
            Assert.Equal(model.EncodeAnswer(fact.Question, fact.Answer).Ids, sequences[0].Ids);
            return Task.FromResult<IReadOnlyList<TokenScores>>([
                .. sequences.Select(sequence =>
                {
                    var likeliest = sequence.Ids[sequence.LabelStart..];
                    if (wrong is { } token)
                        likeliest[token - sequence.LabelStart]++;
                    return new TokenScores(new float[likeliest.Length], likeliest, [], []);
                }),
            ]);
        }

        public void Dispose() { }
    }
}
