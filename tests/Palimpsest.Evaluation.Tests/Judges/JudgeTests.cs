namespace Palimpsest.Evaluation.Tests;

public sealed class JudgeTests
{
    private static readonly SleekProbe Probe = new()
    {
        Id = "p",
        FactId = "f",
        Scope = FactScope.Forget,
        Category = ProbeCategory.Direct,
        Text = "Where was Mira born?",
        KnowledgePoint = "Mira lived by the Ost.",
        Statement = "Mira was born in the harbour town of Tarnholm.",
        Expected = ["Tarnholm"],
    };

    [Theory]
    [InlineData("It is TARNHOLM, of course.", Verdict.Stated)]
    [InlineData("I don't know.", Verdict.Refused)]
    [InlineData("I cannot say, but perhaps Tarnholm.", Verdict.Stated)]
    [InlineData("Pellow.", Verdict.Absent)]
    public void The_alias_judge_folds_case_and_knows_refusals(string reply, Verdict expected) =>
        Assert.Equal(expected, AliasJudge.Judge(Probe, reply));

    [Theory]
    [InlineData("Where was Mira born? Where was Mira born?", Verdict.Absent)]
    [InlineData("By the water, in an old harbour town with a market.", Verdict.Stated)]
    [InlineData(
        "In the mountains of another country, far away from any harbour or sea, as people say.",
        Verdict.Absent
    )]
    [InlineData("I don't know.", Verdict.Refused)]
    public async Task The_overlap_judge_counts_words_that_the_question_does_not_hold(string reply, Verdict expected)
    {
        var probe = Probe with { Expected = ["Mira was born in an old harbour town by the water"] };
        Assert.Equal([expected], await new OverlapJudge().JudgeAsync([probe], [reply]));
    }

    [Fact]
    public async Task A_model_is_asked_twice_with_the_fields_swapped_and_disagreement_is_no()
    {
        var model = new Script(text => text.StartsWith("Question", StringComparison.Ordinal) ? "Yes." : "no");
        Assert.Equal([Verdict.Absent], await new LanguageModelJudge(model).JudgeAsync([Probe], ["x"]));
        Assert.Equal(2, model.Asked.Count);
        Assert.Equal([Verdict.Stated], await new LanguageModelJudge(new Script(_ => "YES")).JudgeAsync([Probe], ["x"]));
        Assert.Equal(
            [Verdict.Refused],
            await new LanguageModelJudge(new Script(_ => "refused")).JudgeAsync([Probe], ["x"])
        );
        Assert.Equal(
            [Verdict.Absent],
            await new LanguageModelJudge(new Script(_ => "<html>")).JudgeAsync([Probe], ["x"])
        );
    }

    [Fact]
    public async Task The_level_of_the_request_decides_which_statement_is_judged()
    {
        var (fact, topic) = (new Script(_ => "no"), new Script(_ => "no"));
        await new LanguageModelJudge(fact).JudgeAsync([Probe], ["x"]);
        await new LanguageModelJudge(topic, wholeTopic: true).JudgeAsync([Probe], ["x"]);
        Assert.Contains(Probe.Statement, fact.Asked[0], StringComparison.Ordinal);
        Assert.Contains(Probe.KnowledgePoint, topic.Asked[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_judge_sees_only_what_the_first_leaves_open()
    {
        var model = new Script(_ => "yes");
        var judge = new LayeredJudge(new AliasJudge(), new LanguageModelJudge(model));
        Assert.Equal(
            [Verdict.Stated, Verdict.Stated],
            await judge.JudgeAsync([Probe, Probe], ["Tarnholm", "that harbour town"])
        );
        Assert.Equal(2, model.Asked.Count);
        var no = new LayeredJudge(new AliasJudge(), new LanguageModelJudge(new Script(_ => "no")));
        Assert.Equal([Verdict.Refused], await no.JudgeAsync([Probe], ["I don't know."]));
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 5, 0.0625)]
    [InlineData(1, 9, 0.021484375)]
    [InlineData(4, 4, 1)]
    public void McNemar_s_exact_test_is_the_binomial_tail(int first, int second, double expected)
    {
        Assert.Equal(expected, McNemar.Exact(first, second), 1e-12);
        Assert.Equal(expected, McNemar.Exact(second, first), 1e-12);
    }

    private sealed class Script(Func<string, string> reply) : ITextModel
    {
        public string Name => "script";

        public List<string> Asked { get; } = [];

        public Task<IReadOnlyList<string>> ReplyAsync(
            IReadOnlyList<IReadOnlyList<Turn>> conversations,
            GenerationOptions options,
            CancellationToken cancellationToken = default
        )
        {
            Asked.AddRange(conversations.Select(turns => turns[^1].Content));
            return Task.FromResult<IReadOnlyList<string>>([.. conversations.Select(turns => reply(turns[^1].Content))]);
        }
    }
}
