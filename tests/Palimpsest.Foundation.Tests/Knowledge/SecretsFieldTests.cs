using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

public sealed class SecretsFieldTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_text_stands_for_all_its_occurrences_and_a_part_for_itself_in_unicode_scalars()
    {
        Assert.Equal([new(2, 4), new(7, 9)], Read("""["ab"]"""));
        Assert.Equal([new(0, 1), new(2, 4), new(7, 9)], Read("""[{"start": 0, "end": 1}, "ab"]"""));
        Assert.Empty(Read("[]"));
        Assert.Empty(Read("null"));
    }

    [Theory]
    [InlineData("""["no"]""", "'no' is not in the answer")]
    [InlineData("""[""]""", "is not in the answer")]
    [InlineData("""[{"start": 3, "end": 3}]""", "start is 3, end 3")]
    [InlineData("""[{"start": 3, "end": 99}]""", "[0, 9]")]
    [InlineData("""[{"end": 2}]""", "start")]
    [InlineData("""[7]""", "secrets")]
    public void What_is_not_in_the_answer_is_refused_with_row_and_field(string secrets, string word)
    {
        var error = Assert.Throws<InputException>(() => Read(secrets));
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.Contains("rows.jsonl", error.Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<TextPart> Read(string secrets)
    {
        var path = _folder.File("rows.jsonl");
        File.WriteAllText(path, $$"""{"question": "q", "answer": "😀 ab cdab", "secrets": {{secrets}}}""");
        return QuestionAnswerFile.Read(path)[0].Secrets;
    }
}
