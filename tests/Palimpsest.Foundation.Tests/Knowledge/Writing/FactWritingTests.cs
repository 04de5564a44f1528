using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

public sealed class FactWritingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Facts_have_ids_scopes_and_candidates_from_all_sets_and_a_holdout_has_rows_alone()
    {
        var written = FactWriting.ByRule(
            [
                Set("forget", FactScope.Forget, "Ada Lind was born in Velmora.", "Ada Lind keeps a dog.", "Hm."),
                Set("retain", FactScope.Retain, "Bo Tarn was born in Dravik.", "Bo Tarn plays chess."),
                Set("holdout", null, "Cleo Falk was born in Pellow."),
            ],
            new()
        );
        Assert.Equal(
            ["ada-lind-birthplace", "ada-lind-pet", "bo-tarn-birthplace", "bo-tarn-game"],
            written.Facts.Select(fact => fact.Id)
        );
        Assert.Equal(
            [FactScope.Forget, FactScope.Forget, FactScope.Retain, FactScope.Retain],
            written.Facts.Select(f => f.Scope)
        );
        Assert.Equal(["Dravik", "Pellow", "Velmora"], written.Facts[0].Candidates);
        Assert.Empty(written.Facts[1].Candidates);
        Assert.Equal([2, 2, 1], new[] { "forget", "retain", "holdout" }.Select(name => written.Rows[name].Count));
        Assert.Equal("Hm.", Assert.Single(written.Unread).Text);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var written = FactWriting.ByRule(
            [
                Set("forget", FactScope.Forget, "Ada Lind was born in Velmora.", "Ada Lind's dog's name is \"Ø\"."),
                Set("retain", FactScope.Retain, "Bo Tarn was born in Dravik."),
            ],
            new()
        );
        KnowledgeLines.Write(_folder.File("facts.jsonl"), written.Facts);
        KnowledgeLines.Write(_folder.File("rows.jsonl"), written.Rows["forget"]);
        Assert.Equivalent(written.Facts, FactFile.Read(_folder.File("facts.jsonl")), strict: true);
        Assert.Equivalent(written.Rows["forget"], QuestionAnswerFile.Read(_folder.File("rows.jsonl")), strict: true);
        Assert.DoesNotContain("null", File.ReadAllText(_folder.File("rows.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_question_that_has_an_answer_already_is_left_with_the_place_of_the_first()
    {
        var written = FactWriting.ByRule(
            [Set("forget", FactScope.Forget, "Ada Lind speaks Danish.", "Ada Lind speaks Dutch.")],
            new()
        );
        Assert.Equal("Danish", Assert.Single(written.Facts).Object);
        var unread = Assert.Single(written.Unread);
        Assert.Contains("forget, line 1", unread.Reason, StringComparison.Ordinal);
        Assert.Equal("forget, line 2", unread.Place);
    }

    [Fact]
    public void Two_facts_of_one_relation_have_two_ids_and_neither_is_the_others_wrong_value()
    {
        var written = FactWriting.ByRule(
            [
                Set("forget", FactScope.Forget, "Ada Lind has a cat named Moss.", "Ada Lind has a boat named Petrel."),
                Set("retain", FactScope.Retain, "Bo Tarn has a cat named Grus."),
            ],
            new()
        );
        Assert.Equal(["ada-lind-given-name", "ada-lind-given-name-2"], written.Facts.Take(2).Select(fact => fact.Id));
        Assert.Equal(["Grus", "Moss"], written.Facts[0].Candidates);
    }

    [Fact]
    public void A_set_of_which_nothing_is_read_and_a_question_in_two_sets_are_refused()
    {
        Assert.Contains(
            "retain: no fact could be read from 1 texts",
            Refusal.Of(() =>
                FactWriting.ByRule(
                    [
                        Set("forget", FactScope.Forget, "Ada Lind speaks Danish."),
                        Set("retain", FactScope.Retain, "Hm."),
                    ],
                    new()
                )
            ),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is in forget too",
            Refusal.Of(() =>
                FactWriting.ByRule(
                    [
                        Set("forget", FactScope.Forget, "Ada Lind speaks Danish."),
                        Set("retain", FactScope.Retain, "Ada Lind speaks Dutch."),
                    ],
                    new()
                )
            ),
            StringComparison.Ordinal
        );
    }

    private static KnowledgeSet Set(string name, FactScope? scope, params string[] sentences) =>
        new(name, scope, [.. sentences.Select((text, i) => new SourceText($"{name}, line {i + 1}", text))]);
}
