using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

public sealed class RowSetTests
{
    private static readonly RowSet Forget = Set("forget.jsonl", "Who is Ada?", "Where is Ada?");

    [Fact]
    public void Sets_that_share_nothing_pass_and_a_set_may_ask_twice_itself() =>
        RowSet.RequireDisjoint(Forget, Set("retain.jsonl", "Who is Bert?", "Who is Bert?"), Set("holdout"));

    [Fact]
    public void Any_two_of_many_sets_that_share_a_question_are_refused_by_name_and_row() =>
        Refusal.Of(
            () =>
                RowSet.RequireDisjoint(
                    Forget,
                    Set("retain.jsonl", "Who is Bert?"),
                    Set("holdout.jsonl", "Who is Carl?", "  who is\tbert? ", "Who is BERT?", "Where is Ada?")
                ),
            "holdout.jsonl, row 2",
            "retain.jsonl too",
            "2 questions"
        );

    [Fact]
    public void The_forget_rows_themselves_as_holdout_are_refused() =>
        Refusal.Of(
            () => RowSet.RequireDisjoint(Forget, Set("retain", "x"), Forget with { Name = "copy.jsonl" }),
            "copy.jsonl, row 1",
            "forget.jsonl too",
            "2 questions"
        );

    [Fact]
    public void A_row_without_wrong_answers_is_named_with_file_row_and_field()
    {
        RowSet whole = new("a.json", [Row("Who?", "wrong"), Row("Where?", "wrong")]);
        whole.RequireWrongAnswers();
        Refusal.Of(
            (whole with { Rows = [.. whole.Rows, Row("When?"), Row("Why?")] }).RequireWrongAnswers,
            "a.json, row 3",
            "'perturbed_answer'",
            "2 of 4 rows"
        );
    }

    [Fact]
    public void A_question_of_two_scopes_is_refused_and_one_of_the_same_scope_is_not()
    {
        Fact[] facts =
        [
            Fact("1", FactScope.Forget, "Who?"),
            Fact("2", FactScope.Forget, "who? "),
            Fact("3", FactScope.Retain, "Where?", "Which place?"),
        ];
        FactSets.RequireDisjoint(facts);
        Refusal.Of(
            () => FactSets.RequireDisjoint([.. facts, Fact("4", FactScope.Irrelevant, "When?", " WHICH  place?")]),
            "'4'",
            "irrelevant",
            "'3'",
            "retain"
        );
    }

    [Fact]
    public void A_fact_without_other_candidates_is_refused()
    {
        var fact = Fact("1", FactScope.Forget, "Who?") with { Candidates = ["o", "p"] };
        FactSets.RequireCandidates([fact]);
        Refusal.Of(() => FactSets.RequireCandidates([fact, fact with { Id = "2", Candidates = ["o"] }]), "'2'");
    }

    private static RowSet Set(string name, params string[] questions) =>
        new(name, [.. questions.Select(question => Row(question))]);

    private static QuestionAnswer Row(string question, params string[] wrong) =>
        new()
        {
            Question = question,
            Answer = "a",
            PerturbedAnswers = wrong,
        };

    private static Fact Fact(string id, FactScope scope, string question, params string[] paraphrases) =>
        new()
        {
            Id = id,
            Scope = scope,
            Subject = "s",
            Relation = "r",
            Object = "o",
            Question = question,
            Answer = "It is o.",
            Paraphrases = paraphrases,
        };
}
