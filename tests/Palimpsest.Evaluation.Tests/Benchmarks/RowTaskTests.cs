using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class RowTaskTests
{
    private static readonly string[] Colours = [" white", " brown as bark", " red"];

    [Fact]
    public async Task The_likeliest_answer_wins_by_sum_and_per_character_and_both_are_counted()
    {
        // Per token −1: sums are −6, −14 and −4 at one token a byte; per character −6/5, −14/13 and −4/3.
        var model = new TaskModel(_ => "", (_, _) => -1);
        var result = await new RowTask("owls", [Choice("a", 2), Choice("b", 1)], new()).RunAsync(model, new());
        Assert.Equal(new MeasuredLevel(0.5, WilsonInterval.Of(1, 2), 2), result["t: accuracy"].Level);
        Assert.Equal(1.0 / 3, result["t: accuracy"].Chance!.Value, 1e-12);
        Assert.Equal(["red", "red"], result.Items.Where(item => item.Score == "t: accuracy").Select(item => item.Said));
        Assert.Equal(
            ["brown as bark", "brown as bark"],
            result.Items.Where(item => item.Score == "t: accuracy, per character").Select(item => item.Said)
        );
        Assert.Equal(0.5, result["t: accuracy, per character"].Level.Value);
    }

    [Fact]
    public void Of_equally_likely_answers_the_first_is_taken() =>
        Assert.Equal((0, 1), (TaskScores.Likeliest([-1, -1, -2]), TaskScores.Likeliest([-3, -1, -1])));

    [Fact]
    public void Characters_are_code_points_and_the_first_blank_is_none() =>
        Assert.Equal(
            [1, 0, 1, 1],
            new[]
            {
                TaskScores.LikeliestPerCharacter([-2.0, -1.4], [" ab", " c\U0001F989"]),
                TaskScores.LikeliestPerCharacter([-2.0, -2.1], [" ab", " cd"]),
                TaskScores.LikeliestPerCharacter([-3.0, -3.9], ["abc", "abcd"]),
                TaskScores.LikeliestPerCharacter([-1.0, -2.4], [" a", " abc"]),
            }
        );

    [Fact]
    public async Task A_text_is_generated_up_to_a_stop_and_a_refusal_is_told_apart_from_a_wrong_text()
    {
        var model = new TaskModel(
            prompt => prompt.Contains("one", StringComparison.Ordinal) ? " Ost." : "I do not know.",
            (_, _) => 0
        );
        var rows = new[] { Written("one", "Ost."), Written("two", "Pell") with { MaxNewTokens = 3 } };
        var result = await new RowTask("t", rows, new()).RunAsync(model, new());
        Assert.Equal((0.5, 2), (result["t: exact match"].Level.Value, result["t: exact match"].Level.N));
        Assert.Equal(new Rate(1, 2), result["t: exact match"].Refused);
        Assert.Equal([1.0, 0.0], result.Items.Where(item => item.Score == "t: word F1").Select(item => item.Value));
        Assert.Equal([1, 1], model.Calls); // of another length: a call of its own
        Assert.Equal(3, model.Decoding!.MaxNewTokens);
        Assert.Equal(["\n"], model.Decoding.StopStrings);
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, true)]
    public void Case_and_punctuation_count_unless_they_are_left_out(bool ignoreCase, bool ignoreMarks, bool expected) =>
        Assert.Equal(
            expected,
            TaskScores.IsExactly(
                " ost! ",
                ["Pell", "Ost"],
                new() { IgnoreCase = ignoreCase, IgnorePunctuation = ignoreMarks }
            )
        );

    [Fact]
    public async Task Scores_and_texts_of_a_row_are_the_same_whatever_stands_beside_it()
    {
        using var model = Random();
        TaskRow[] rows =
        [
            .. Enumerable
                .Range(0, 70)
                .Select(i => Choice($"{i}", i % 3) with { Context = $"owl {new string('x', i)}" }),
            .. Enumerable.Range(0, 5).Select(i => Written($"w{i}", "a") with { Context = $"moon {i}", Task = "w" }),
        ];
        var one = await RunAsync(1);
        var many = await RunAsync(32);
        Assert.Equal(one.Items, many.Items);
        Assert.True(one.Items.Count(item => item.Value == 1) is > 0 and < 100);

        Task<BenchmarkResult> RunAsync(int batch) =>
            new RowTask("t", rows, new() { BatchSize = batch, MaxNewTokens = 4 }).RunAsync(model, new());
    }

    [Fact]
    public async Task Log_likelihoods_do_not_depend_on_the_batch_beyond_rounding()
    {
        using var model = Random();
        TokenSequence[] sequences =
        [
            .. Enumerable
                .Range(0, 12)
                .SelectMany(i =>
                    Colours.Select(colour =>
                        ContinuationEncoder.Encode(model, Choice($"{i}", 0) with { Context = $"o{i}w" }, colour, true)
                    )
                ),
        ];
        var one = await model.ScoreAsync(sequences, new() { BatchSize = 1 });
        var many = await model.ScoreAsync(sequences, new() { BatchSize = 36 });
        foreach (var (a, b) in one.Zip(many))
            Assert.Equal(a.MeanNll, b.MeanNll, 1e-5);
    }

    [Fact]
    public async Task Finished_parts_are_not_measured_again()
    {
        using var folder = new TemporaryFolder();
        TaskRow[] rows = [.. Enumerable.Range(0, 130).Select(i => Choice($"{i}", 0))];
        var task = new RowTask("t", rows, new());
        var first = new TaskModel(_ => "", (_, _) => -1);
        var stages = new StageFolder(folder.File("parts"));
        var whole = await task.RunAsync(first, new() { Stages = stages });
        Assert.Equal([192, 192, 6], first.Calls);
        File.Delete(folder.File("parts", "rows-00001.json"));
        var second = new TaskModel(_ => "", (_, _) => -1);
        var resumed = await task.RunAsync(second, new() { Stages = new(folder.File("parts")) });
        Assert.Equal([192], second.Calls);
        Assert.Equal(whole.Items, resumed.Items);
    }

    [Fact]
    public void A_row_that_does_not_fit_is_refused_before_any_is_scored()
    {
        var model = new TaskModel(_ => "", (_, _) => -1) { MaxTokens = 24 };
        var row = Choice("a", 0) with { Context = new('o', 30), Place = "rows.jsonl, line 7" };
        Refusal.Of(() => new RowTask("t", [row], new()).Require(model), "rows.jsonl, line 7", "24 positions");
        var text = Written("b", "x") with { Context = new('o', 30), Place = "rows.jsonl, line 8" };
        Refusal.Of(() => new RowTask("t", [text], new()).Require(model), "rows.jsonl, line 8", "24 positions");
        Assert.Empty(model.Calls);
    }

    [Fact]
    public void Blanks_at_the_contexts_end_are_predicted_with_the_answer()
    {
        var model = new TaskModel(_ => "", (_, _) => -1);
        var plain = ContinuationEncoder.Encode(model, Choice("a", 0) with { Context = "an owl" }, " red", false);
        var blank = ContinuationEncoder.Encode(model, Choice("a", 0) with { Context = "an owl  " }, "red", false);
        Assert.Equal((6, 4), (plain.LabelStart, plain.LabelCount));
        Assert.Equal((6, 5), (blank.LabelStart, blank.LabelCount));
        var nothing = ContinuationEncoder.Encode(model, Choice("a", 0) with { Context = "" }, "red", false);
        Assert.Equal((1, 3), (nothing.LabelStart, nothing.LabelCount));
    }

    private static LanguageModel Random()
    {
        var tokenizer = BpeTrainer.Train(["owl moon white brown as bark red"], new() { VocabularySize = 280 });
        return new(
            new(DecoderConfig.TinyLlama(tokenizer.VocabularySize, 16, 2, 2, 2, 32, 160), seed: 5),
            tokenizer,
            "random"
        );
    }

    private static TaskRow Choice(string id, int gold) =>
        new()
        {
            Id = id,
            Task = "t",
            Place = id,
            Context = "which owl?",
            Continuations = Colours,
            Gold = gold,
        };

    private static TaskRow Written(string id, string target) =>
        new()
        {
            Id = id,
            Task = "t",
            Place = id,
            Context = $"owl {id}",
            Targets = [target],
            Until = ["\n"],
        };
}
