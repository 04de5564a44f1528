using System.Text;
using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

/// <summary>Files of question-answer rows and of facts: the complaint has the file, the line or row, and the
/// field.</summary>
public sealed class HostileRowsTests : IDisposable
{
    private const string Row = "{\"question\":\"q\",\"answer\":\"a\"}";
    private const string Fact =
        """{"id":"1","scope":"forget","subject":"s","relation":"r","object":"o","question":"q","answer":"a"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "no row")]
    [InlineData("\n \n", "no row")]
    [InlineData("[]", "no row")]
    [InlineData("{\"question\":\"q\"}", "line 1", "'answer' is missing")]
    [InlineData(Row + "\n\n{\"question\":\"q\",\"answer\":null}", "line 3", "'answer' is missing")]
    [InlineData(Row + "\n{\"question\":\"q\",\"answer\":\" \"}", "line 2", "'answer' is empty")]
    [InlineData(Row + "\n{\"answer\":\"a\"}", "line 2", "'question' is missing")]
    [InlineData(Row + "\n{\"question\":3,\"answer\":\"a\"}", "line 2", "question", "'3' is not a string")]
    [InlineData(Row + "\n{\"question\":\"q\",\"answer\":[\"a\"]}", "line 2", "answer")]
    [InlineData("[" + Row + ",{\"question\":\"q\"}]", "row 2", "'answer' is missing")]
    [InlineData("[" + Row + ",7]", "row 2", "not an object")]
    [InlineData("[" + Row, "not valid JSON")]
    [InlineData(Row + "\n{\"question\":", "line 2", "not valid JSON")]
    [InlineData(Row + "\nnull", "line 2", "not an object")]
    [InlineData(Row + " " + Row, "line 1", "not valid JSON")]
    [InlineData("{\"question\":\"q\",\"answer\":\"\\ud800\"}", "line 1", "answer", "Unicode")]
    [InlineData("{\"question\":\"q\",\"answer\":\"a\",\"perturbed_answer\":3}", "line 1", "perturbed_answer")]
    [InlineData(
        "{\"question\":\"q\",\"answer\":\"a\",\"perturbed_answer\":[\"x\",4]}",
        "line 1",
        "perturbed_answer[1]"
    )]
    [InlineData("{\"question\":\"q\",\"answer\":\"a\",\"paraphrased_answer\":{}}", "line 1", "paraphrased_answer")]
    public void A_file_of_rows_is_refused(string text, params string[] words) =>
        Refused(text, path => QuestionAnswerFile.Read(path), words);

    [Theory]
    [InlineData("", "no fact")]
    [InlineData("{}", "line 1", "'id' is missing")]
    [InlineData(Fact + "\n" + Fact, "line 2", "'1' is there twice")]
    [InlineData("{\"id\":\"1\",\"scope\":\"never\"}", "line 1", "scope", "'never'", "retain")]
    [InlineData(
        "{\"id\":\"1\",\"scope\":\"forget\",\"subject\":\"s\",\"relation\":\"r\"}",
        "line 1",
        "'object' is missing"
    )]
    [InlineData("{\"id\":5,\"scope\":\"forget\"}", "line 1", "id", "'5' is not a string")]
    [InlineData(
        """{"id":"1","scope":"forget","subject":"s","relation":"r","object":"o","""
            + """ "question":"q","answer":"a","aliases":"x"}""",
        "line 1",
        "aliases",
        "not an array"
    )]
    public void A_file_of_facts_is_refused(string text, params string[] words) =>
        Refused(text, path => FactFile.Read(path), words);

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Refused(
            string.Concat(Enumerable.Repeat("{\"question\":", 20_000)),
            path => QuestionAnswerFile.Read(path),
            ["line 1", "not valid JSON"]
        );

    [Fact]
    public void A_missing_file_a_folder_and_a_file_that_is_no_text_are_refused()
    {
        Refusal.Of(() => QuestionAnswerFile.Read(_folder.File("none.json")), "none.json", "no such file");
        Refusal.Of(() => QuestionAnswerFile.Read(_folder.Path), _folder.Path);
        File.WriteAllBytes(
            _folder.File("latin1.json"),
            [.. Encoding.UTF8.GetBytes("{\"question\":\""), 0xE9, .. Encoding.UTF8.GetBytes("\"}")]
        );
        Refusal.Of(() => QuestionAnswerFile.Read(_folder.File("latin1.json")), "latin1.json", "UTF-8");
    }

    [Fact]
    public void A_file_of_two_gigabytes_is_refused_before_it_is_read()
    {
        using (var stream = File.Create(_folder.File("huge.jsonl")))
            stream.SetLength(2_000_000_000);
        Refusal.Of(
            () => QuestionAnswerFile.Read(_folder.File("huge.jsonl")),
            "huge.jsonl",
            "2000000000 bytes",
            "at most"
        );
    }

    [Fact]
    public void Rows_that_are_to_be_kept_and_forgotten_are_named()
    {
        QuestionAnswer[] forget = [new() { Question = "Who?", Answer = "a" }];
        QuestionAnswer[] retain =
        [
            new() { Question = "Where?", Answer = "b" },
            new() { Question = " who? ", Answer = "c" },
        ];
        Refusal.Of(
            () => RowSet.RequireDisjoint(new RowSet("f.json", forget), new RowSet("r.json", retain)),
            "r.json",
            "row 2",
            "f.json",
            "1 questions"
        );
    }

    private void Refused(string text, Action<string> read, string[] words)
    {
        var path = _folder.File("rows.jsonl");
        File.WriteAllText(path, text, new UTF8Encoding(false));
        Refusal.Of(() => read(path), [path, .. words]);
    }
}
