using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

public sealed class DataCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sound_data_enable_everything_and_have_no_issue()
    {
        var report = Check();
        Assert.Empty(report.Issues);
        Assert.All(report.Uses, use => Assert.True(use.Possible, use.Name));
        Assert.Equal([4, 4, 20, 5], report.Files.Select(file => file.Rows));
        Assert.Equal([4, 4, 0, 5], report.Files.Select(file => file.WithWrongAnswers));
    }

    [Theory]
    [InlineData("""{"question": "q"}""", "'answer' is missing")]
    [InlineData("""{"question": " ", "answer": "a"}""", "'question' is empty")]
    [InlineData("""{"question": "q", "answer": 3}""", "is not a string")]
    [InlineData("""{"question": "Who is she?", "answer": "Who is she? It is Ada."}""", "answer contains the question")]
    [InlineData("""{"question": "Is she Ada Lind?", "answer": "Ada Lind."}""", "question contains the answer")]
    [InlineData("""{"question": "Q 1?", "answer": "Another."}""", "asks what row 1 asks")]
    [InlineData(
        """{"question": "N?", "answer": "Yes.", "perturbed_answer": ["no", " yes. "]}""",
        "2, ' yes. ', is the right"
    )]
    [InlineData(
        """{"question": "N?", "answer": "Yes.", "paraphrased_answer": "Aye.", "perturbed_answer": ["aye."]}""",
        "is the right answer"
    )]
    [InlineData("""{"question": "N?", "answer": "Yes.", "perturbed_answer": [" "]}""", "'perturbed_answer' 1 is empty")]
    [InlineData("""{"question": "N?", "answer": "Yes."}""", "has no 'perturbed_answer', as have 1 of 5 rows")]
    public void An_error_has_its_row(string row, string message)
    {
        Add("forget.jsonl", row);
        var report = Check();
        var error = Assert.Single(report.Issues, issue => issue.Message.Contains(message, StringComparison.Ordinal));
        Assert.Equal(DataSeverity.Error, error.Severity);
        Assert.Equal((_folder.File("forget.jsonl"), 5), (error.File, error.Row));
        Assert.True(report.Errors > 0);
        Assert.False(report.Uses.Single(use => use.Name == "membership").Possible);
    }

    [Theory]
    [InlineData(
        """{"question": "Q 1?", "answer": "Answer 1 of forget.", "perturbed_answer": ["Wrong 1 of forget."]}""",
        "is row 1 once more"
    )]
    [InlineData(
        """{"question": "N?", "answer": "Yes.", "perturbed_answer": ["No, and that is a long story."]}""",
        "has 7 words and the right answer 1"
    )]
    [InlineData("""{"question": "N?", "answer": "Yes.", "perturbed_answer": ["no", "No"]}""", "2 is there twice")]
    [InlineData(
        """{"question": "N?", "answer": "Yes.", "paraphrased_answer": "yes.", "perturbed_answer": ["no"]}""",
        "'paraphrased_answer' is the answer itself"
    )]
    [InlineData(
        """{"question": "N?", "answer": "Yes.", "paraphrased_question": "n?", "perturbed_answer": ["no"]}""",
        "'paraphrased_question' is the question itself"
    )]
    public void A_warning_is_no_error(string row, string message)
    {
        Add("forget.jsonl", row.Replace("Q 1?", "Q 1 of forget?", StringComparison.Ordinal));
        var report = Check();
        Assert.Contains(
            report.Issues,
            issue => issue.Severity == DataSeverity.Warning && issue.Message.Contains(message, StringComparison.Ordinal)
        );
        Assert.Equal(0, report.Errors);
    }

    [Fact]
    public void A_question_that_is_forgotten_and_kept_or_held_out_is_an_error_however_it_is_spaced()
    {
        Sound();
        Append("retain.jsonl", Row(1, "forget").Replace("Q 1", "q  1", StringComparison.Ordinal));
        Append("holdout.jsonl", Row(2, "forget"));
        var report = Run();
        Assert.Equal(2, report.Errors);
        Assert.All(
            report.Issues.Take(2),
            issue => Assert.Contains("forget.jsonl too", issue.Message, StringComparison.Ordinal)
        );
        Assert.Equal([5, 21], report.Issues.Take(2).Select(issue => issue.Row));
    }

    [Fact]
    public void A_holdout_that_is_short_or_of_other_lengths_is_a_warning()
    {
        Sound();
        File.WriteAllText(
            _folder.File("holdout.jsonl"),
            """{"question": "H?", "answer": "A much, much longer answer than theirs."}"""
        );
        var issues = Run().Issues;
        Assert.Equal(2, issues.Count);
        Assert.Contains("has 1 rows", issues[0].Message, StringComparison.Ordinal);
        Assert.Contains(
            "7.0 words on average and those of the forget rows 4.0",
            issues[1].Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("id", "f1", "id 'f1' is row 1's already")]
    [InlineData("answer", "It is so.", "does not contain the object")]
    [InlineData("question", "Was it Value 7?", "the question contains the object")]
    [InlineData("question", "Q 1 of forget?", "whose scope is forget")]
    [InlineData("scope", "erase", "is not one of forget, retain, irrelevant")]
    [InlineData("relation", "", "'relation' is empty")]
    public void An_error_of_a_fact_has_its_row(string field, string value, string message)
    {
        Sound();
        var fact = JsonSerializer.Deserialize<Dictionary<string, object>>(FactLine(7, "retain"))!;
        fact[field] = value;
        Append("facts.jsonl", JsonSerializer.Serialize(fact));
        var error = Assert.Single(Run().Issues, issue => issue.Severity == DataSeverity.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((_folder.File("facts.jsonl"), 6), (error.File, error.Row));
    }

    [Fact]
    public void A_fact_without_candidates_or_that_no_row_asks_for_is_a_warning()
    {
        Sound();
        Append("facts.jsonl", FactLine(9, "forget").Replace(",\"Value 0\"", "", StringComparison.Ordinal));
        var issues = Run().Issues;
        Assert.All(issues, issue => Assert.Equal(DataSeverity.Warning, issue.Severity));
        Assert.Contains(issues, issue => issue.Message.Contains("no other candidate", StringComparison.Ordinal));
        Assert.Contains(issues, issue => issue.Message.Contains("no forget row asks", StringComparison.Ordinal));
        Assert.Equal(2, issues.Count);
    }

    [Fact]
    public void What_is_lacking_is_said_of_each_use()
    {
        File.WriteAllText(_folder.File("forget.jsonl"), """{"question": "q", "answer": "a"}""");
        var report = DataCheck.Run(new() { Forget = _folder.File("forget.jsonl") });
        var uses = report.Uses.ToDictionary(use => use.Name);
        Assert.Equal(["train", "forget"], uses.Values.Where(use => use.Possible).Select(use => use.Name));
        Assert.Equal(
            "lacks 'perturbed_answer' in 1 of 1 forget and retain rows",
            uses["TOFU metrics with truth ratio"].Note
        );
        Assert.Equal("lacks facts: there are 1, needed are 4", uses["relearning test"].Note);
        Assert.All(
            uses.Values.Where(use => !use.Possible),
            use => Assert.StartsWith("lacks ", use.Note, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_file_that_is_no_JSON_is_an_error_and_one_that_is_not_there_ends_the_check()
    {
        Sound();
        Append("retain.jsonl", "{");
        var error = Assert.Single(Run().Issues);
        Assert.Contains("is not valid JSON", error.Message, StringComparison.Ordinal);
        File.Delete(_folder.File("retain.jsonl"));
        Refusal.Of(() => Run());
        Refusal.Of(() => DataCheck.Run(new()));
    }

    private DataReport Check()
    {
        if (!File.Exists(_folder.File("facts.jsonl")))
            Sound();
        return Run();
    }

    private DataReport Run() =>
        DataCheck.Run(
            new()
            {
                Forget = _folder.File("forget.jsonl"),
                Retain = _folder.File("retain.jsonl"),
                Holdout = _folder.File("holdout.jsonl"),
                Facts = _folder.File("facts.jsonl"),
            }
        );

    private void Add(string file, string line)
    {
        Sound();
        Append(file, line.Replace("Q 1?", "Q 1 of forget?", StringComparison.Ordinal));
    }

    private void Append(string file, string line) => File.AppendAllText(_folder.File(file), line + "\n");

    private void Sound()
    {
        foreach (var name in new[] { "forget", "retain" })
            File.WriteAllLines(_folder.File($"{name}.jsonl"), Enumerable.Range(1, 4).Select(i => Row(i, name)));
        File.WriteAllLines(
            _folder.File("holdout.jsonl"),
            Enumerable
                .Range(1, 20)
                .Select(i => $$"""{"question": "Q {{i}} of holdout?", "answer": "Answer {{i}} of holdout."}""")
        );
        File.WriteAllLines(
            _folder.File("facts.jsonl"),
            [.. Enumerable.Range(1, 4).Select(i => FactLine(i, "forget")), FactLine(5, "retain")]
        );
    }

    private static string Row(int i, string name) =>
        JsonSerializer.Serialize(
            new
            {
                question = $"Q {i} of {name}?",
                answer = $"Answer {i} of {name}.",
                paraphrased_question = $"P {i} of {name}?",
                paraphrased_answer = $"Also {i} of {name}.",
                perturbed_answer = new[] { $"Wrong {i} of {name}." },
            }
        );

    private static string FactLine(int i, string scope) =>
        JsonSerializer.Serialize(
            new
            {
                id = $"f{i}",
                scope,
                subject = $"S{i}",
                relation = "r",
                @object = $"Value {i}",
                question = $"Q {i} of {scope}?",
                answer = $"It is Value {i}.",
                paraphrases = new[] { $"P{i}?" },
                candidates = new[] { $"Value {i}", "Value 0" },
            }
        );
}
