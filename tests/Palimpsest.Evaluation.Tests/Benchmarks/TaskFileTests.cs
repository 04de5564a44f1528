using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class TaskFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Plain_rows_are_chosen_or_generated()
    {
        var rows = Read(
            """{"query": "Which owl?", "choices": ["Ost", "Pell"], "gold": 1}""",
            """{"id": "x", "task": "u", "query": "Say it:", "target": ["a", "b"], "until": "\n", "max_gen_toks": 5}"""
        );
        Assert.Equal(("1", "rows", 1), (rows[0].Id, rows[0].Task, rows[0].Gold));
        Assert.Equal([" Ost", " Pell"], rows[0].Continuations);
        Assert.Equal(("x", "u", 5), (rows[1].Id, rows[1].Task, rows[1].MaxNewTokens));
        Assert.Equal(["a", "b"], rows[1].Targets);
        Assert.Equal(["\n"], rows[1].Until);
        Assert.False(rows[1].IsChoice);
    }

    [Fact]
    public void Logged_samples_of_both_layouts_give_the_same_rows()
    {
        var named = Read(
            """{"doc_id": 4, "target": "1", "arguments": {"gen_args_0": {"arg_0": "Q:", "arg_1": " A"},"""
                + """ "gen_args_1": {"arg_0": "Q:", "arg_1": " B"}}}""",
            """{"doc_id": 5, "target": "42", "arguments": {"gen_args_0": {"arg_0": "Q:","""
                + """ "arg_1": {"until": ["\n\n"], "do_sample": false, "temperature": 0.0, "max_gen_toks": 9}}}}"""
        );
        var paired = Read(
            """{"doc_id": 4, "target": 1, "arguments": [["Q:", " A"], ["Q:", " B"]]}""",
            """{"doc_id": 5, "target": "42", "arguments": [["Q:", {"until": ["\n\n"], "max_gen_toks": 9}]]}"""
        );
        foreach (var (a, b) in named.Zip(paired))
        {
            Assert.Equal((a.Id, a.Context, a.Gold, a.MaxNewTokens), (b.Id, b.Context, b.Gold, b.MaxNewTokens));
            Assert.Equal(a.Continuations, b.Continuations);
            Assert.Equal((a.Targets, a.Until), (b.Targets, b.Until), SameTexts);
        }

        Assert.Equal((1, 9), (named[0].Gold, named[1].MaxNewTokens));
        Assert.Equal("42", Assert.Single(named[1].Targets));
    }

    [Theory]
    [InlineData("""{"choices": ["a", "b"], "gold": 0}""", "line 1", "'query' is missing")]
    [InlineData("""{"query": "q", "choices": ["a", "b"]}""", "line 1", "gold", "is missing")]
    [InlineData("""{"query": "q", "choices": ["a", "b"], "gold": 2}""", "line 1", "[0, 1]")]
    [InlineData("""{"query": "q", "choices": ["a", "a"], "gold": 0}""", "line 1", "all different")]
    [InlineData("""{"query": "q", "choices": ["a", " "], "gold": 0}""", "line 1", "empty")]
    [InlineData("""{"query": "q", "choices": ["a", "b"], "gold": 0, "until": "x"}""", "line 1", "do not go together")]
    [InlineData("""{"query": "q", "until": "x"}""", "line 1", "'target' is missing")]
    [InlineData("""{"query": "q", "target": "t", "until": ""}""", "line 1", "stop text is empty")]
    [InlineData(
        """{"doc_id": 1, "target": "t", "arguments": [["Q:", {"until": [], "do_sample": true}]]}""",
        "line 1",
        "do_sample"
    )]
    [InlineData(
        """{"doc_id": 1, "target": "t", "arguments": [["Q:", {"until": [], "num_beams": 4}]]}""",
        "line 1",
        "num_beams"
    )]
    [InlineData("""{"doc_id": 1, "target": 0, "arguments": [["Q", " A"], ["R", " B"]]}""", "line 1", "another context")]
    public void A_row_is_refused_by_file_line_and_field(string row, params string[] words) =>
        Refusal.Of(() => Read(row), ["rows.jsonl", .. words]);

    [Fact]
    public void An_id_that_is_there_twice_in_a_task_is_refused_and_in_two_tasks_is_not()
    {
        const string Row = """{"id": "a", "task": "TASK", "query": "q", "target": "t"}""";
        string Of(string task) => Row.Replace("TASK", task, StringComparison.Ordinal);
        Assert.Equal(2, Read(Of("one"), Of("two")).Count);
        Refusal.Of(() => Read(Of("one"), Of("one")), "rows.jsonl, line 2", "'a' is there twice");
        Refusal.Of(() => Read(""), "rows.jsonl", "has no row");
    }

    private static bool SameTexts(
        (IReadOnlyList<string> Targets, IReadOnlyList<string> Until) a,
        (IReadOnlyList<string> Targets, IReadOnlyList<string> Until) b
    ) => a.Targets.SequenceEqual(b.Targets) && a.Until.SequenceEqual(b.Until);

    private IReadOnlyList<TaskRow> Read(params string[] lines)
    {
        var path = _folder.File($"{Guid.NewGuid():n}", "rows.jsonl");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, lines);
        return TaskFile.Read(path);
    }
}
