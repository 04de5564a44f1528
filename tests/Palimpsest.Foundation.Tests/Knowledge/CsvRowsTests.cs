using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

/// <summary>Rows as spreadsheets write them.</summary>
public sealed class CsvRowsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rows.csv", "question,answer\nWho?,\"Ada, \"\"the\"\" Lind\"\nWhere?,\"in\nVelmora\"\n")]
    [InlineData("rows.csv", "\uFEFFquestion;answer\r\nWho?;\"Ada, \"\"the\"\" Lind\"\r\n;;\r\nWhere?;\"in\nVelmora\"")]
    [InlineData("rows.tsv", "answer\tquestion\n\"Ada, \"\"the\"\" Lind\"\tWho?\n\n\"in\nVelmora\"\tWhere?")]
    public void Quotes_separators_and_line_ends_are_a_spreadsheet_s(string name, string text)
    {
        var rows = QuestionAnswerFile.Read(Written(name, text));
        Assert.Equal(
            [("Who?", "Ada, \"the\" Lind"), ("Where?", "in\nVelmora")],
            rows.Select(row => (row.Question, row.Answer))
        );
    }

    [Fact]
    public void An_empty_field_is_none_and_a_single_wrong_answer_is_a_list_of_one()
    {
        var rows = QuestionAnswerFile.Read(
            Written("a.csv", "question,answer,perturbed_answer,paraphrased_answer\nq,a,w,\nr,b,,p\n")
        );
        Assert.Equal(["w"], rows[0].PerturbedAnswers);
        Assert.Null(rows[0].ParaphrasedAnswer);
        Assert.Empty(rows[1].PerturbedAnswers);
        Assert.Equal("p", rows[1].ParaphrasedAnswer);
    }

    [Theory]
    [InlineData("a.csv", "question,answer\nq,a,b\n", "line 2: has 3 fields; the first line names 2")]
    [InlineData("a.csv", "question,answer\nq,a\n\nr,\"b\n", "line 4: a quote is opened and not closed")]
    [InlineData("a.csv", "question,answer,answer\nq,a,b\n", "line 1: 'answer' is named twice")]
    [InlineData("a.csv", "question,answer\nq,\"a\nb\"\nr\n", "line 4: 'answer' is missing")]
    [InlineData("a.csv", "frage,antwort\nq,a\n", "line 2: 'question' is missing")]
    [InlineData("a.csv", "", "has no row")]
    [InlineData("a.jsonl", "question,answer\nq,a\n", "is CSV and not JSON lines; with a name that ends in .csv")]
    [InlineData("a.txt", "id;\"question\";answer\n1;q;a\n", "is CSV and not JSON lines")]
    public void What_is_wrong_is_said_with_its_line(string name, string text, string message)
    {
        var path = Written(name, text);
        var error = Assert.Throws<InputException>(() => QuestionAnswerFile.Read(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_never_taken_for_sentences_and_sentences_with_commas_not_for_rows()
    {
        Assert.Equal("q", SourceText.Read(Written("a.csv", "question,answer\nq,a\n"))[0].Question);
        Assert.Throws<InputException>(() => SourceText.Read(Written("a.txt", "question,answer\nq,a\n")));
        var sentences = SourceText.Read(Written("b.txt", "The question, he said, has no answer.\n"));
        Assert.Null(Assert.Single(sentences).Question);
    }

    private string Written(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return _folder.File(name);
    }
}
