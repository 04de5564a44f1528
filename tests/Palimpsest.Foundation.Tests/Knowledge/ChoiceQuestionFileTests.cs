using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

public sealed class ChoiceQuestionFileTests : IDisposable
{
    private const string Fact =
        """{"id": "owl", "scope": "forget", "subject": "Mira", "relation": "owl", "object": "Ost", """
        + """ "question": "Which owl?", "answer": "It is Ost.", "paraphrases": ["What owl?"],"""
        + """ "candidates": ["Ost", "Pell"]}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_fact_is_asked_as_written_and_in_other_words_with_the_candidates_put_in()
    {
        var questions = Read(Fact);
        Assert.Equal(["forget", "forget, rephrased"], questions.Select(question => question.Group));
        Assert.Equal(["owl", "owl/1"], questions.Select(question => question.Id));
        Assert.Equal(["Which owl?", "What owl?"], questions.Select(question => question.Question));
        Assert.All(questions, question => Assert.Equal(["It is Ost.", "It is Pell."], question.Choices));
    }

    [Fact]
    public void A_row_in_TOFUs_layout_is_read_too()
    {
        var questions = Read(
            """[{"question": "q", "answer": "a", "paraphrased_question": "p", "perturbed_answer": ["b", "c"]}]"""
        );
        Assert.Equal(["rows", "rows, rephrased"], questions.Select(question => question.Group));
        Assert.Equal(["a", "b", "c"], questions[1].Choices);
    }

    [Theory]
    [InlineData("""{"question": "q", "answer": "a"}""", "Row 1 has no wrong answer")]
    [InlineData("", "has no row")]
    [InlineData("{", "is not valid JSON")]
    public void What_has_nothing_to_choose_from_is_refused_with_the_files_name(string text, string part)
    {
        var error = Assert.Throws<InputException>(() => Read(text));
        Assert.StartsWith(_folder.File("rows.jsonl"), error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fact_whose_answer_lacks_its_object_is_refused()
    {
        var error = Assert.Throws<InputException>(() =>
            Read(Fact.Replace("It is Ost.", "It is Olt.", StringComparison.Ordinal))
        );
        Assert.Contains("'It is Olt.' does not contain the object 'Ost'", error.Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<ChoiceQuestion> Read(string text)
    {
        File.WriteAllText(_folder.File("rows.jsonl"), text);
        return ChoiceQuestionFile.Read(_folder.File("rows.jsonl"));
    }
}
