using Palimpsest.Inference;

namespace Palimpsest.Evaluation.Tests;

public sealed class ComposedModelAuditTests
{
    private static readonly string[] Places = ["oslo", "lima", "rome"];

    private static readonly Tokenizer Words = BpeTrainer.Train(
        ["where was anna born ? anna was born in oslo lima rome"],
        new() { VocabularySize = 300, LeastCount = 1 }
    );

    [Fact]
    public async Task A_pair_is_generated_from_scored_and_audited_and_tests_of_weights_are_named_as_not_made()
    {
        using var original = New(1);
        using var pair = new ComposedModel("pair", new Minus(), New(1), New(2));
        async Task<string> FavouriteAsync(string question)
        {
            var facts = Places.Select(place => FactOf(place, FactScope.Forget, question, place)).ToArray();
            var shares = await FactKnowledge.ScoreAsync(original, facts);
            return Places[Array.IndexOf(shares, shares.Max())];
        }

        var (asked, other) = ("where was anna born ?", "anna was born where ?");
        Fact[] known =
        [
            FactOf("a", FactScope.Forget, asked, await FavouriteAsync(asked)),
            FactOf("b", FactScope.Retain, other, await FavouriteAsync(other)),
        ];
        var request = new AuditRequest
        {
            Models = new(original, pair),
            Facts = known,
            Rows = new() { Forget = [RowOf(known[0])], Retain = [RowOf(known[1])] },
            Tests =
            [
                new AskedTest(),
                new TofuTest(new() { GradientNorm = false }),
                new QuantisationTest(4, new QuantizeTransform(new() { Bits = 4, GroupSize = 32 })),
            ],
            Sleek = new() { MaxNewTokens = 4, MaxChainTokens = 4 },
            Judge = new Generous(),
        };
        var report = await new Auditor(TimeProvider.System).RunAsync(request);
        Assert.Contains(report.Verdict.Missing, test => test.StartsWith("4-bit", StringComparison.Ordinal));
        Assert.Contains("candidate", report.Tofu!.Summary.Keys);
        var same = await new Auditor(TimeProvider.System).RunAsync(request with { Models = new(original, original) });
        Assert.DoesNotContain(same.Verdict.Missing, test => test.StartsWith("4-bit", StringComparison.Ordinal));
        Assert.NotEqual(
            same.Tofu!.Summary["candidate"]["forget_Q_A_Prob"].Value,
            report.Tofu!.Summary["candidate"]["forget_Q_A_Prob"].Value
        );
    }

    [Fact]
    public async Task A_metric_of_gradients_is_refused_before_any_work()
    {
        using var pair = new ComposedModel("pair", new Minus(), New(1), New(2));
        var row = new QuestionAnswer { Question = "where was anna born ?", Answer = "oslo" };
        var data = new TofuData
        {
            Forget = [row],
            Retain = [row with { Question = "anna was born where ?" }],
            Holdout = [row with { Question = "was anna born ?" }],
        };
        var error = await Assert.ThrowsAsync<InputException>(() =>
            TofuBenchmark.RunAsync(pair, data, new() { GradientNorm = true })
        );
        Assert.StartsWith("The gradient norm needs the weights", error.Message, StringComparison.Ordinal);
    }

    private static LanguageModel New(ulong seed) =>
        new(
            new(
                DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 256) with
                {
                    InitializerRange = 0.3,
                },
                seed
            ),
            Words,
            "tiny"
        );

    /// <summary>Random models state nothing; what is judged is not what is tested here.</summary>
    private sealed class Generous : IJudge
    {
        public string Name => "generous";

        public Task<IReadOnlyList<Verdict>> JudgeAsync(
            IReadOnlyList<Probe> probes,
            IReadOnlyList<string> replies,
            CancellationToken cancellationToken = default
        ) => Task.FromResult<IReadOnlyList<Verdict>>([.. replies.Select(_ => Verdict.Stated)]);
    }

    private sealed class Minus : ILogitComposer
    {
        public int Models => 2;

        public Tensor Compose(IReadOnlyList<Tensor> logits, LogitUse use) => logits[0] - logits[1];
    }

    private static Fact FactOf(string id, FactScope scope, string question, string place) =>
        new()
        {
            Id = id,
            Scope = scope,
            Subject = "anna",
            Relation = "birthplace",
            Object = place,
            Question = question,
            Answer = $"anna was born in {place}",
            Candidates = Places,
        };

    private static QuestionAnswer RowOf(Fact fact) =>
        new()
        {
            Question = fact.Question,
            Answer = fact.Answer,
            PerturbedAnswers = [.. fact.AnswersByCandidate().Skip(1)],
        };
}
