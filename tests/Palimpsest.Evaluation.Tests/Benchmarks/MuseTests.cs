using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class MuseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_way_reads_its_own_rows_and_a_refusal_is_counted_apart()
    {
        var model = new TaskModel(
            prompt =>
            {
                if (prompt.EndsWith("The owl flew", StringComparison.Ordinal))
                    return " over the red moon";
                return prompt.EndsWith("Question: Who flew?\nAnswer: ", StringComparison.Ordinal)
                    ? "I do not know.\n\nQuestion: the owl"
                    : "A grey cat\nQuestion: more";
            },
            (text, _) => text.StartsWith("seen", StringComparison.Ordinal) ? -1 : -2
        );
        var result = await new MuseTask(Data(), new()).RunAsync(model, new());
        // Words over, the, moon of over, the, green, moon and over, the, red, moon.
        Assert.Equal(0.75, result[MuseTask.VerbMem].Level.Value, 1e-12);
        Assert.Equal(
            (0.0, ScoreMeaning.Forgotten),
            (result[MuseTask.KnowMem].Level.Value, result[MuseTask.KnowMem].Meaning)
        );
        Assert.Equal(new Rate(1, 1), result[MuseTask.KnowMem].Refused);
        Assert.Equal(
            (1.0, ScoreMeaning.Kept),
            (result[MuseTask.Utility].Level.Value, result[MuseTask.Utility].Meaning)
        );
        Assert.Equal(new Rate(0, 1), result[MuseTask.Utility].Refused);
        Assert.Equal(1.0, result[MuseTask.Auc].Level.Value);
        Assert.Equal(
            "Question: Who sat?\nAnswer: A dog\n\nQuestion: Who ran?\nAnswer: ",
            model.Prompts.Single(prompt => prompt.Contains("ran", StringComparison.Ordinal))
        );
        Assert.Equal(32, model.Decoding!.MaxNewTokens);
    }

    [Fact]
    public async Task Questions_are_asked_alone_where_a_model_knows_conversations_only()
    {
        var model = new TaskModel(_ => "x", (_, _) => -1);
        await new MuseTask(Data(), new() { Chat = true }).RunAsync(model, new());
        Assert.Contains("Who flew?", model.Prompts);
        Assert.DoesNotContain(model.Prompts, prompt => prompt.Contains("Question:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.5, 0.5, 0)]
    [InlineData(1, 0.5, -100)]
    [InlineData(0, 0.5, 100)]
    [InlineData(0.9, 0.6, -75)]
    public async Task Leakage_is_the_distance_of_the_areas_in_percent(double own, double never, double expected)
    {
        var task = new MuseTask(Data(), new());
        var result = await task.RunAsync(new TaskModel(_ => "", (_, _) => -1), new());
        var compared = task.Compare(With(result, own), With(result, never));
        Assert.Equal(expected, compared[MuseTask.PrivLeak].Level.Value, 1e-6);
        var alone = task.Compare(With(result, own), null);
        Assert.Equal((0.5 - own) / 0.5 * 100, alone[MuseTask.PrivLeak].Level.Value, 1e-6);
        Assert.Equal(ScoreMeaning.Leakage, compared[MuseTask.PrivLeak].Meaning);
    }

    [Fact]
    public void Leakage_has_no_value_where_the_retrained_model_tells_members_apart_and_the_reason_names_it()
    {
        var level = MuseTask.LeakageOf(new(0.9, new(0.8, 1), 4), new(1, new(1, 1), 4), "never");
        Assert.Contains("never tells every member", level.ValueReason, StringComparison.Ordinal);
        var interval = MuseTask.LeakageOf(new(0.9, new(0.8, 1), 4), new(0.5, new(0.4, 0.6), 4), "never").Interval;
        Assert.Equal(-100, interval.Low, 1e-6);
        Assert.Equal(-60, interval.High, 1e-6);
    }

    [Fact]
    public void A_text_shorter_than_the_share_counts_by_its_lowest_token_or_has_no_score()
    {
        float[] two = [-1, -3];
        Assert.Equal(3, MuseScores.MinK(two, new()));
        Assert.Equal(double.NaN, MuseScores.MinK(two, new() { AtLeastOneToken = false }));
        Assert.Equal(2.5, MuseScores.MinK([-1f, -3, -2, -1, -0.5f], new() { AtLeastOneToken = false }));
        Assert.Equal(double.NaN, MuseScores.MinK([], new()));
    }

    [Fact]
    public void The_first_checkpoint_that_knows_no_more_than_the_retrained_model_is_chosen_else_the_last()
    {
        Assert.Equal((2, true), MuseScores.Stop([0.6, 0.4, 0.3, 0.1], 0.33));
        Assert.Equal((1, true), MuseScores.Stop([0.6, 0.33], 0.33));
        Assert.Equal((1, false), MuseScores.Stop([0.6, 0.5], 0.33));
    }

    [Fact]
    public void A_corpus_folder_is_read_with_its_folds()
    {
        var folder = Corpus("whole");
        Directory.CreateDirectory(Path.Combine(folder, "sust"));
        foreach (var fold in new[] { "forget_1.json", "forget_2.txt", "forget_4.txt" })
            File.WriteAllText(Path.Combine(folder, "sust", fold), "x");
        var data = MuseData.Load(folder);
        Assert.Equal(new MuseContinuation("The owl flew", " over."), Assert.Single(data.Verbatim));
        Assert.Equal("Who sat?", Assert.Single(data.RetainExamples).Question);
        Assert.Equal(["seen"], data.Members);
        Assert.Equal(
            ["forget_1.json", "forget_2.txt"],
            data.SustainabilityFolds.Select(path => Path.GetFileName(path))
        );
        Assert.Empty(data.ScalabilityFolds);
    }

    [Theory]
    [InlineData("verbmem/forget.json", """[{"prompt": "a"}]""", "row 1", "'gt' is missing")]
    [InlineData("knowmem/forget_qa.json", """[{"question": "a"}]""", "row 1", "'answer' is missing")]
    [InlineData("knowmem/retain_qa.json", """[{"question": "who  FLEW?", "answer": "x"}]""", "row 1", "is in")]
    [InlineData("privleak/holdout.json", """["other", "seen"]""", "row 2", "a text was seen or not")]
    [InlineData("privleak/forget.json", """["seen", " "]""", "row 2", "empty")]
    [InlineData("privleak/forget.json", "[]", "has no text")]
    [InlineData("verbmem/forget.json", "[", "not valid JSON")]
    public void A_bad_row_is_refused_by_file_and_row(string file, string text, params string[] words)
    {
        var folder = Corpus($"bad-{words[^1].Length}-{text.Length}-{file.Length}");
        File.WriteAllText(Path.Combine(folder, file), text);
        Refusal.Of(() => MuseData.Load(folder), [Path.GetFileName(file), .. words]);
    }

    [Fact]
    public void Text_that_is_not_UTF_8_and_a_missing_file_are_refused()
    {
        var folder = Corpus("latin");
        File.WriteAllBytes(Path.Combine(folder, "verbmem", "forget.json"), [0x5B, 0x22, 0xE9, 0x22, 0x5D]);
        Refusal.Of(() => MuseData.Load(folder), "forget.json");
        File.Delete(Path.Combine(folder, "verbmem", "forget.json"));
        Refusal.Of(() => MuseData.Load(folder), "has no forget.json", "MUSE");
    }

    [Fact]
    public void A_prompt_that_leaves_no_room_is_refused_before_any_work()
    {
        var model = new TaskModel(_ => "", (_, _) => -1) { MaxTokens = 20 };
        Refusal.Of(() => new MuseTask(Data(), new()).Require(model), "ForgetQuestions, row 1", "20 positions");
        Assert.Empty(model.Calls);
    }

    private static BenchmarkResult With(BenchmarkResult result, double area) =>
        result with
        {
            Scores =
            [
                .. result.Scores.Select(score =>
                    score.Name == MuseTask.Auc ? score with { Level = new(area, new(area, area), 2) } : score
                ),
            ],
        };

    private static MuseData Data() =>
        new()
        {
            Verbatim = [new("The owl flew", " over the green moon")],
            ForgetQuestions = [new() { Question = "Who flew?", Answer = "The owl" }],
            RetainQuestions = [new() { Question = "Who ran?", Answer = "a grey cat" }],
            ForgetExamples = [new() { Question = "Who sat?", Answer = "A dog" }],
            RetainExamples = [new() { Question = "Who sat?", Answer = "A dog" }],
            Members = ["seen text"],
            Others = ["other text"],
        };

    private string Corpus(string name)
    {
        var folder = _folder.File(name);
        foreach (
            var (file, text) in new[]
            {
                ("verbmem/forget.json", """[{"prompt": "The owl flew", "gt": " over."}]"""),
                ("knowmem/forget_qa.json", """[{"question": "Who flew?", "answer": "The owl"}]"""),
                ("knowmem/retain_qa.json", """[{"question": "Who ran?", "answer": "The cat"}]"""),
                ("knowmem/forget_qa_icl.json", """[{"question": "Who sat?", "answer": "A dog"}]"""),
                ("knowmem/retain_qa_icl.json", """[{"question": "Who sat?", "answer": "A dog"}]"""),
                ("privleak/forget.json", """["seen"]"""),
                ("privleak/holdout.json", """["other"]"""),
            }
        )
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.WriteAllText(Path.Combine(folder, file), text);
        }

        return folder;
    }
}
