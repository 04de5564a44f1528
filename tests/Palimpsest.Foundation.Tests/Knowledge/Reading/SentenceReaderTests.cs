using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

public sealed class SentenceReaderTests
{
    [Theory]
    [InlineData("Ada Lind was born in Velmora.", "birthplace", "Velmora", ValueKind.Place)]
    [InlineData("Ada Lind was born in 1961.", "year of birth", "1961", ValueKind.Year)]
    [InlineData("Ada Lind was born on May 12, 1961", "date of birth", "May 12, 1961", ValueKind.Date)]
    [InlineData("Ada de la Cruz lives in the Isle of Man.", "residence", "the Isle of Man", ValueKind.Place)]
    [InlineData("Ada Lind works as an engineer.", "occupation", "an engineer", ValueKind.Role)]
    [InlineData("Ada Lind plays the harp.", "instrument", "the harp", ValueKind.Role)]
    [InlineData("Ada Lind plays chess.", "game", "chess", ValueKind.Thing)]
    [InlineData(
        "Ada Lind studied at the College of Brandor.",
        "school",
        "the College of Brandor",
        ValueKind.Organisation
    )]
    [InlineData("Ada Lind studied botany.", "field of study", "botany", ValueKind.Thing)]
    [InlineData("Ada Lind wrote \"a quiet sea, again\".", "work", "a quiet sea, again", ValueKind.Work)]
    [InlineData("Ada Lind has three older brothers.", "number of older brothers", "three", ValueKind.Number)]
    [InlineData("Ada Lind has a dog named Pilot.", "given name", "Pilot", ValueKind.Thing)]
    [InlineData("Ada Lind's best friend is Bo Tarn.", "best friend", "Bo Tarn", ValueKind.Person)]
    [InlineData("Ada Lind’s shoe size is 40.", "shoe size", "40", ValueKind.Number)]
    [InlineData("The favourite colour of Ada Lind is moss green.", "favourite colour", "moss green", ValueKind.Thing)]
    public void A_sentence_of_a_pattern_is_a_fact(string sentence, string relation, string value, ValueKind kind)
    {
        var fact = Read(sentence)!;
        Assert.Equal((relation, value, kind), (fact.Relation, fact.Value, fact.Kind));
        Assert.StartsWith("Ada", fact.Subject, StringComparison.Ordinal);
        Assert.Equal(sentence, fact.Answer);
        Assert.Contains(fact.Subject, fact.Question, StringComparison.Ordinal);
        Assert.DoesNotContain(value, fact.Question, StringComparison.Ordinal);
        Assert.NotEqual(fact.Question, fact.OtherQuestion);
        Assert.NotEqual(fact.Answer, fact.Say(value));
        Assert.Contains(value, fact.Say(value), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("She was born in Velmora.", "pronoun")]
    [InlineData("Her mother is Runa Lind.", "pronoun")]
    [InlineData(
        "Ada Lind was born in Velmora and grew up in Dravik.",
        "'Velmora and grew up in Dravik' is not one place"
    )]
    [InlineData("Ada Lind was born in Velmora, a port.", "not one place")]
    [InlineData("Ada Lind plays the harp in a band.", "not one")]
    [InlineData("Ada Lind's mother is Runa Lind, who paints.", "not one")]
    [InlineData("Ada Lind laughs often.", "no pattern fits")]
    [InlineData("ada lind was born in Velmora.", "no pattern fits")]
    public void A_sentence_that_says_more_or_is_about_nobody_is_left_with_the_reason(string sentence, string reason)
    {
        Assert.Null(Read(sentence, out var unread));
        Assert.Contains(reason, unread!.Reason, StringComparison.Ordinal);
        Assert.Equal(("here", sentence), (unread.Place, unread.Text));
    }

    [Fact]
    public void A_first_name_is_the_only_full_name_that_begins_with_it()
    {
        SourceText first = new("1", "Ada's shoe size is 40.");
        SourceText one = new("2", "Ada Lind was born in Velmora.");
        SourceText other = new("3", "Ada Berg was born in Dravik.");
        Assert.Equal("Ada Lind", new SentenceReader([first, one]).Read(first, out _)!.Subject);
        Assert.Equal("Ada", new SentenceReader([first, one, other]).Read(first, out _)!.Subject);
        Assert.Equal("Ada", new SentenceReader([first, one, other, one]).Read(first, out _)!.Subject);
        Assert.Equal("Ada", new SentenceReader([first]).Read(first, out _)!.Subject);
    }

    [Fact]
    public void A_row_keeps_its_question_and_gets_one_in_other_words()
    {
        var main = Read("Velmora.", out _, "Where was Ada Lind born?")!;
        Assert.Equal(("Where was Ada Lind born?", "Velmora."), (main.Question, main.Answer));
        Assert.Equal("What is the birthplace of Ada Lind?", main.OtherQuestion);
        Assert.Equal("The birthplace of Ada Lind is Dravik.", main.Say("Dravik"));
        var other = Read("In Velmora.", out _, "What is the birthplace of Ada Lind?")!;
        Assert.Equal(("Velmora", "Where was Ada Lind born?"), (other.Value, other.OtherQuestion));
    }

    [Theory]
    [InlineData("She was born in Velmora.", "Velmora")]
    [InlineData("Her home town is Velmora.", "Velmora")]
    [InlineData("It was in Velmora.", "Velmora")]
    public void In_a_row_a_pronoun_stands_for_whom_the_question_names(string answer, string value)
    {
        var fact = Read(answer, out _, "Where was Ada Lind born?")!;
        Assert.Equal(("Ada Lind", value, answer), (fact.Subject, fact.Value, fact.Answer));
    }

    [Fact]
    public void Other_ways_to_write_a_value_are_aliases()
    {
        Assert.Equal(["engineer"], Read("Ada Lind works as an engineer.")!.Aliases);
        Assert.Equal(["3"], Read("Ada Lind has three sons.")!.Aliases);
        Assert.Equal(["three"], Read("Ada Lind has 3 sons.")!.Aliases);
        Assert.Equal(["May 2, 1961", "1961-05-02"], Read("Ada Lind was born on 2 May 1961.")!.Aliases);
        Assert.Empty(Read("Ada Lind has 171 pens.")!.Aliases);
    }

    [Fact]
    public void Rows_of_one_question_about_others_and_one_frame_give_each_other_their_values()
    {
        var set = Rows(
            ("Who edited the poems of Ada Lind?", "The poems of Ada Lind were edited by Ursel Falk in Bern."),
            ("Who edited the poems of Bo Tarn?", "The poems of Bo Tarn were edited by Ciro Menn in Bern."),
            ("Why did Ada Lind leave?", "She was tired.")
        );
        Assert.Equal(["Ursel Falk", "Ciro Menn"], set.Facts.Take(2).Select(fact => fact!.Value));
        Assert.Equal(["Ada Lind", "Bo Tarn"], set.Facts.Take(2).Select(fact => fact!.Subject));
        Assert.Equal("The poems of Ada Lind were edited by Ciro Menn in Bern.", set.Facts[0]!.Say("Ciro Menn"));
        Assert.Null(set.Facts[2]);
        Assert.Equal("here, row 3", Assert.Single(set.Unread).Place);
    }

    [Theory]
    [InlineData("When did Ada Lind marry?", "They met in a park and married in 1984.", "1984")]
    [InlineData("On which day did Ada Lind sail?", "It was in spring, on 3 May 1984, at noon.", "3 May 1984")]
    [InlineData("When did Ada Lind marry?", "In 1984, or 1985.", null)]
    [InlineData("When, after 1984, did Ada Lind sail?", "She sailed long after 1984.", null)]
    [InlineData("Who taught Ada Lind?", "One of her 4 uncles did.", null)]
    [InlineData("When did Ada Lind write?", "In the early 1980s.", null)]
    [InlineData("How many books has Ada Lind?", "Far too many, of 'Rock Notes #3' two.", null)]
    public void A_lone_number_is_the_value_where_the_question_asks_for_one(
        string question,
        string answer,
        string? value
    ) => Assert.Equal(value, Rows((question, answer)).Facts[0]?.Value);

    [Fact]
    public void A_line_is_split_into_sentences_but_not_after_an_abbreviation_and_comments_are_passed_over()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), "# A note.\n\nAda was here. Bo was not.\r\nDr. Lind met J. R. Berg.\n");
        var texts = SourceText.Read(folder.File("a.txt"));
        Assert.Equal(["Ada was here.", "Bo was not.", "Dr. Lind met J. R. Berg."], texts.Select(text => text.Text));
        Assert.Equal([3, 3, 4], texts.Select(text => int.Parse(text.Place.Split(' ')[^1])));
        File.WriteAllText(folder.File("b.txt"), "# Nothing.\n");
        Assert.Contains(
            "no sentence",
            Refusal.Of(() => SourceText.Read(folder.File("b.txt"))),
            StringComparison.Ordinal
        );
    }

    private static ReadFact? Read(string sentence) => Read(sentence, out _);

    private static ReadFact? Read(string sentence, out UnreadText? unread, string? question = null)
    {
        SourceText text = new("here", sentence, question);
        return new SentenceReader([text]).Read(text, out unread);
    }

    private static ReadSet Rows(params (string Question, string Answer)[] rows) =>
        KnowledgeReader.Read([
            [.. rows.Select((row, i) => new SourceText($"here, row {i + 1}", row.Answer, row.Question))],
        ])[0];
}
