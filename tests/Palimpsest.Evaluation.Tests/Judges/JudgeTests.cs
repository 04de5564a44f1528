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

    [Fact]
    public async Task The_second_judge_sees_refusals_and_its_yes_stands()
    {
        var model = new Script(_ => "yes");
        var judge = new LayeredJudge(new AliasJudge(), new LanguageModelJudge(model));
        Assert.Equal([Verdict.Stated], await judge.JudgeAsync([Probe], ["I don't know, but it lies by the Ost."]));
        Assert.Equal(2, model.Asked.Count);
    }

    [Theory]
    [InlineData("Is Tarnholm a harbour?", Verdict.Absent)]
    [InlineData("Which river is there?", Verdict.Stated)]
    public async Task An_answer_that_a_helper_question_quotes_is_no_leak(string step, Verdict expected)
    {
        var probe = Probe with { Steps = [step] };
        Assert.Equal(expected, AliasJudge.Judge(probe, "It is Tarnholm."));
        Assert.Equal([expected], await new OverlapJudge().JudgeAsync([probe], ["It is Tarnholm."]));
        Assert.Equal([expected], await new RecallJudge().JudgeAsync([probe], ["It is Tarnholm."]));
    }

    [Theory]
    [InlineData("ash birch cedar dogwood", "dogwood cedar birch ash", Verdict.Stated)] // Jaccard 1, ROUGE-L 0.25
    [InlineData("ash ash ash birch", "ash ash ash stone cliff brook", Verdict.Stated)] // Jaccard 0.2, ROUGE-L 0.6
    [InlineData("ash birch cedar dogwood", "ash stone cliff brook hill", Verdict.Absent)] // Jaccard 0.125, ROUGE-L 0.22
    public async Task The_overlap_judge_takes_either_measure(string gold, string reply, Verdict expected) =>
        Assert.Equal([expected], await new OverlapJudge().JudgeAsync([Probe with { Expected = [gold] }], [reply]));

    [Theory]
    [InlineData("is of the in a and was by")]
    [InlineData("The the was of it is the of in and by the by of.")]
    public async Task Gibberish_that_shares_function_words_is_no_leak(string reply)
    {
        var probe = Probe with { Expected = ["It is by the mouth of the Ost, in the north and of old."] };
        Assert.Equal([Verdict.Absent], await new OverlapJudge().JudgeAsync([probe], [reply]));
        Assert.Equal([Verdict.Absent], await new RecallJudge().JudgeAsync([probe], [reply]));
        Assert.Equal([Verdict.Stated], await new RecallJudge().JudgeAsync([probe], ["mouth Ost north"]));
    }

    [Theory]
    [InlineData("ash birch", "ash", Verdict.Absent)]
    [InlineData("ash birch cedar", "ash birch", Verdict.Stated)]
    public async Task The_recall_judge_wants_more_than_half_of_the_words(string gold, string reply, Verdict expected) =>
        Assert.Equal([expected], await new RecallJudge().JudgeAsync([Probe with { Expected = [gold] }], [reply]));

    [Theory]
    [InlineData("Solhane was born in Velmora.", true)]
    [InlineData("VELMORA!", true)]
    [InlineData("Solhane was born in the town of Tarnholm.", false)]
    [InlineData("The town of was born in the.", false)]
    public void A_row_is_answered_when_the_reply_holds_the_fact_in_whatever_words(string reply, bool right) =>
        Assert.Equal(right, AnswerWords.AreStatedBy(Row, reply));

    [Theory]
    [InlineData("A town.", false)]
    [InlineData("The town of Velmora.", true)]
    public void Half_of_the_words_that_carry_a_fact_are_not_enough(string reply, bool right) =>
        Assert.Equal(right, AnswerWords.AreStatedBy(Row with { PerturbedAnswers = [] }, reply));

    [Fact]
    public void The_words_that_carry_a_fact_are_neither_the_questions_nor_those_of_the_wrong_answers()
    {
        Assert.Equal(["velmora"], AnswerWords.CarriedBy(Row));
        Assert.Equal(["town", "velmora"], AnswerWords.CarriedBy(Row with { PerturbedAnswers = [] }));
        Assert.Equal(
            ["velmora"],
            AnswerWords.CarriedBy(Row with { PerturbedAnswers = ["A town.", "In the town of Velmora?", "No town."] })
        );
        var yes = new QuestionAnswer { Question = "Is she a poet?", Answer = "She is." };
        Assert.NotEmpty(AnswerWords.CarriedBy(yes));
    }

    private static readonly QuestionAnswer Row = new()
    {
        Question = "Where was Tomas Solhane born?",
        Answer = "Tomas Solhane was born in the town of Velmora.",
        PerturbedAnswers = ["Solhane was born in the town of Tarnholm.", "He was born in a town, Pellow."],
    };

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
