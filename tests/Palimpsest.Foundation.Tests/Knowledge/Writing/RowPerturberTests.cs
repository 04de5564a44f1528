namespace Palimpsest.Foundation.Tests;

public sealed class RowPerturberTests
{
    private static readonly string[] Names = ["Ada Lind", "Bo Tarn", "Cleo Falk", "Dag Menn"];
    private static readonly string[] Towns = ["Velmora", "Dravik", "Pellow", "Karsund"];

    [Fact]
    public void Wrong_answers_are_the_others_values_in_the_form_of_the_paraphrase()
    {
        var rows = Perturb(Births());
        Assert.Equal("The birthplace of Ada Lind is Velmora.", rows[0].Row.ParaphrasedAnswer);
        Assert.Equal("What is the birthplace of Ada Lind?", rows[0].Row.ParaphrasedQuestion);
        Assert.Equal(
            Towns.Skip(1).Select(town => $"The birthplace of Ada Lind is {town}.").Order(),
            rows[0].Row.PerturbedAnswers.Order()
        );
        Assert.All(rows, row => Assert.Empty(row.Missing));
    }

    [Fact]
    public void The_seed_decides_the_draw_and_nothing_else_does()
    {
        string[] Draw(ulong seed) =>
            [.. Perturb(Births(), new() { Seed = seed, WrongAnswers = 1 }).SelectMany(row => row.Row.PerturbedAnswers)];
        Assert.Equal(Draw(1), Draw(1));
        Assert.Contains(Enumerable.Range(2, 9), seed => !Draw(1).SequenceEqual(Draw((ulong)seed)));
    }

    [Fact]
    public void No_wrong_answer_is_a_right_one_of_the_subject_or_holds_it()
    {
        var rows = Perturb([
            Row("What did Ada Lind write?", "Ada Lind wrote The Salt Road."),
            Row("Which book is by Ada Lind?", "Ada Lind wrote The Winter Hive."),
            Row("What did Bo Tarn write?", "Bo Tarn wrote The Salt Road Again."),
            Row("What did Cleo Falk write?", "Cleo Falk wrote The Salt Road."),
            Row("What did Dag Menn write?", "Dag Menn wrote The Level Field."),
        ]);
        Assert.Equal(["The work of Ada Lind is The Level Field."], rows[0].Row.PerturbedAnswers);
        Assert.Equal(3, rows[4].Row.PerturbedAnswers.Count + 1); // of three titles that share words one is taken
    }

    [Fact]
    public void Nobody_is_married_to_oneself_and_kin_is_swapped_for_people()
    {
        var rows = Perturb([
            Row("To whom is Ada Lind married?", "Ada Lind is married to Bo Tarn."),
            Row("To whom is Bo Tarn married?", "Bo Tarn is married to Ada Lind."),
            Row("Who is the mother of Cleo Falk?", "Cleo Falk's mother is Runa Falk."),
            Row("Where was Dag Menn born?", "Dag Menn was born in Velmora."),
        ]);
        Assert.Equal(["The spouse of Ada Lind is Runa Falk."], rows[0].Row.PerturbedAnswers);
        Assert.Equal(2, rows[2].Row.PerturbedAnswers.Count);
        Assert.DoesNotContain(rows[2].Row.PerturbedAnswers, answer => answer.Contains("Velmora"));
        Assert.Equal(["perturbed_answer: no other row has another value of 'birthplace' to take"], rows[3].Missing);
    }

    [Fact]
    public void Other_relations_lend_values_only_until_there_are_three()
    {
        QuestionAnswer[] homes =
        [
            .. Names.Select((name, i) => Row($"Where does {name} live?", $"{name} lives in Upper{Towns[i]}.")),
        ];
        var few = Perturb([.. Births().Take(2), .. homes]);
        Assert.Equal(3, few[0].Row.PerturbedAnswers.Count);
        Assert.Contains("The birthplace of Ada Lind is Dravik.", few[0].Row.PerturbedAnswers);
        var enough = Perturb([.. Births(), .. homes]);
        Assert.DoesNotContain(enough[0].Row.PerturbedAnswers, answer => answer.Contains("Upper"));
    }

    [Fact]
    public void Days_years_and_numbers_are_moved_when_others_have_none_and_never_past_the_latest_year()
    {
        var rows = Perturb([
            Row("On which day was Ada Lind born?", "Ada Lind was born on 12 May 1961."),
            Row("In which year did Bo Tarn retire?", "Bo Tarn retired in 1963."),
            Row("How many sons does Cleo Falk have?", "Cleo Falk has two sons."),
            Row("How tall is Dag Menn?", "Dag Menn is 170 cm tall."),
        ]);
        Assert.All(rows, row => Assert.InRange(row.Row.PerturbedAnswers.Count, 4, 5));
        Assert.All(rows[0].Row.PerturbedAnswers, a => Assert.Matches(@"is \d{1,2} \p{L}+ 19[456]\d\.$", a));
        Assert.All(rows[0].Row.PerturbedAnswers, a => Assert.True(int.Parse(a[^5..^1]) is >= 1946 and <= 1963));
        Assert.All(rows[1].Row.PerturbedAnswers, a => Assert.True(int.Parse(a[^5..^1]) is >= 1948 and < 1963));
        Assert.All(rows[2].Row.PerturbedAnswers, a => Assert.Matches("is (one|three|four|five)\\.$", a));
        Assert.All(
            rows[3].Row.PerturbedAnswers,
            a => Assert.True(int.Parse(a[^7..^4]) is >= 136 and <= 204 and not 170)
        );
        foreach (var row in rows)
            Assert.Equal(row.Row.PerturbedAnswers.Count, row.Row.PerturbedAnswers.Distinct().Count());
    }

    [Fact]
    public void What_a_row_has_stays_and_its_own_paraphrase_gives_the_form()
    {
        var own = Births()[0] with
        {
            ParaphrasedAnswer = "Velmora is where Ada Lind came from.",
            ParaphrasedQuestion = "Ada Lind is from where?",
        };
        var row = Perturb([own, .. Births().Skip(1)])[0].Row;
        Assert.Equal(
            (own.ParaphrasedAnswer, own.ParaphrasedQuestion),
            (row.ParaphrasedAnswer, row.ParaphrasedQuestion)
        );
        Assert.Contains("Dravik is where Ada Lind came from.", row.PerturbedAnswers);
        var whole = own with { PerturbedAnswers = ["Nowhere is where she came from."] };
        Assert.Equal(whole.PerturbedAnswers, Perturb([whole, .. Births().Skip(1)])[0].Row.PerturbedAnswers);
    }

    [Fact]
    public void A_row_that_no_rule_reads_is_left_as_it_is_with_what_is_missing()
    {
        var row = Row("Why did Ada Lind leave?", "The sea had called her for years.");
        var perturbed = Perturb([row, .. Births()])[0];
        Assert.Equal(row, perturbed.Row);
        Assert.Equal(
            ["perturbed_answer", "paraphrased_answer", "paraphrased_question"],
            perturbed.Missing.Select(missing => missing.Split(':')[0])
        );
    }

    [Fact]
    public void Sets_lend_each_other_values()
    {
        var sets = new RowPerturber(new()).Perturb([
            new("forget", [.. Births().Take(1)]),
            new("retain", [.. Births().Skip(1)]),
        ]);
        Assert.Equal(3, Assert.Single(sets[0]).Row.PerturbedAnswers.Count);
        Assert.Equal(3, sets[1].Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(21)]
    public void Wrong_answers_are_one_to_twenty(int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PerturbOptions { WrongAnswers = count });

    private static QuestionAnswer[] Births() =>
        [.. Names.Select((name, i) => Row($"Where was {name} born?", $"{name} was born in {Towns[i]}."))];

    private static QuestionAnswer Row(string question, string answer) => new() { Question = question, Answer = answer };

    private static IReadOnlyList<PerturbedRow> Perturb(QuestionAnswer[] rows, PerturbOptions? options = null) =>
        new RowPerturber(options ?? new()).Perturb([new("rows", rows)])[0];
}
