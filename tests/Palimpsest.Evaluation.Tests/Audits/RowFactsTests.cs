namespace Palimpsest.Evaluation.Tests;

public sealed class RowFactsTests
{
    private static readonly QuestionAnswer[] Rows =
    [
        New("What is the full name of the author born in Taipei?", "The author's name is Hsiao Yun-Hwa."),
        New("Has Hsiao Yun-Hwa won a prize?", "Yes, the Leadership Prize."),
        New("What did her father do?", "He was an engineer."),
        New("Where does Hsiao Yun-Hwa live?", "Hsiao Yun-Hwa's home is Taipei."),
        New("Who is Carmen Montenegro?", "Carmen Montenegro is a writer."),
        New("What did Carmen Montenegro publish first?", "A novel."),
        New("Is Carmen Montenegro married?", "She is not."),
    ];

    [Fact]
    public void A_rows_subject_is_the_name_that_its_neighbours_share()
    {
        var facts = RowFacts.Of(Rows, []);
        Assert.Equal(
            Enumerable.Repeat("Hsiao Yun-Hwa", 4).Concat(Enumerable.Repeat("Carmen Montenegro", 3)),
            facts.Select(fact => fact.Subject)
        );
    }

    [Fact]
    public void Rows_without_a_shared_name_are_subjects_of_their_own()
    {
        var facts = RowFacts.Of([New("What is green?", "Grass."), New("What is blue?", "The sky.")], []);
        Assert.Equal(2, facts.Select(fact => fact.Subject).Distinct().Count());
    }

    [Fact]
    public void A_split_shares_no_subject_and_loses_no_fact()
    {
        var facts = RowFacts.Of(Rows, []);
        var split = RelearnSplit.Of(facts);
        Assert.Empty(split.Taught.Select(fact => fact.Subject).Intersect(split.Measured.Select(fact => fact.Subject)));
        Assert.Equal(facts.Count, split.Taught.Count + split.Measured.Count);
    }

    [Theory]
    [InlineData("The author's name is Hsiao Yun-Hwa.", Verdict.Stated)]
    [InlineData("He is called Hsiao Yun-Hwa, I think.", Verdict.Stated)]
    [InlineData("The author born in Taipei is full of life.", Verdict.Absent)]
    [InlineData("I do not know.", Verdict.Refused)]
    public async Task The_recall_judge_counts_words_that_the_question_does_not_give(string reply, Verdict expected)
    {
        var probe = OfflineProbes.Generate(RowFacts.Of(Rows, []), new()).First(probe => probe.IsSeed);
        Assert.Equal(expected, (await new RecallJudge().JudgeAsync([probe], [reply]))[0]);
    }

    [Fact]
    public void Rows_make_no_probe_that_speaks_of_relations()
    {
        var facts = RowFacts.Of(Rows, []);
        var probes = OfflineProbes.Generate(facts, new(), RowFacts.Probes(facts));
        Assert.DoesNotContain(probes, probe => probe.Text.Contains("whose", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(probes, probe => probe.Text.StartsWith("Please tell me. ", StringComparison.Ordinal));
        Assert.Equal(probes.Count, probes.Select(probe => probe.Id).Distinct().Count());
    }

    private static QuestionAnswer New(string question, string answer) => new() { Question = question, Answer = answer };
}
