using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class TofuDataTests
{
    private static readonly TofuData Data = new()
    {
        Forget = [Row("f1", "x"), Row("f2", "x")],
        Retain = [Row("r1", "x"), Row("r2", "x")],
        RealAuthors = [Row("a1", "x"), Row("a2", "x")],
        WorldFacts = [Row("w1", "x"), Row("w2", "x")],
        Holdout = [Row("h1")],
    };

    [Theory]
    [InlineData("forget01", 40)]
    [InlineData("forget10", 400)]
    public void TOFUs_rows_ship_as_published_with_all_that_evaluate_audit_and_the_sample_read(string forget, int count)
    {
        var folder = Path.Combine(GoldenFolder.Repository, "data", "tofu");
        var data = TofuData.Load(folder, forget);
        data.Require(wrongAnswers: true);
        Assert.Equal(
            [count, 400, 100, 117],
            [data.Forget.Count, data.Retain.Count, data.RealAuthors.Count, data.WorldFacts.Count]
        );
        QuestionAnswer[] learnt = [.. Rows("retain90"), .. Rows("forget10")];
        Assert.Equal(4000, learnt.Length);
        Assert.Equal(Rows(forget).Select(row => row.Question), learnt[^count..].Select(row => row.Question));
        Assert.Equal(
            data.Forget.Select(row => row.Question).Order(),
            learnt[^count..].Select(row => row.Question).Order()
        );
        var published = File.ReadAllText(Path.Combine(folder, "README.md"));
        foreach (var file in Directory.GetFiles(folder, "*.json"))
            Assert.Contains(
                $"{ContentHash.OfFile(file)}  {Path.GetFileName(file)}",
                published,
                StringComparison.Ordinal
            );
        Assert.Contains("Copyright", File.ReadAllText(Path.Combine(folder, "LICENSE")), StringComparison.Ordinal);

        IReadOnlyList<QuestionAnswer> Rows(string name) =>
            QuestionAnswerFile.Read(Path.Combine(folder, $"{name}.json"));
    }

    [Fact]
    public void The_files_that_the_commands_of_the_readme_name_are_there()
    {
        var words = File.ReadAllText(Path.Combine(GoldenFolder.Repository, "README.md")).Split(' ', '\n');
        var named = words.Where(word => word.StartsWith("data/tofu/", StringComparison.Ordinal)).ToArray();
        Assert.True(named.Length >= 6, string.Join(' ', named));
        Assert.All(named, path => Assert.True(File.Exists(Path.Combine(GoldenFolder.Repository, path)), path));
    }

    [Fact]
    public void Complete_and_disjoint_rows_pass_with_wrong_answers_everywhere_or_nowhere()
    {
        Data.Require(wrongAnswers: true);
        (Data with { Forget = [Row("f1"), Row("f2")], Retain = [Row("r1")] }).Require();
    }

    [Fact]
    public void Every_pair_of_sets_must_be_disjoint()
    {
        Func<IReadOnlyList<QuestionAnswer>, TofuData>[] sets =
        [
            rows => Data with { Forget = rows },
            rows => Data with { Retain = rows },
            rows => Data with { RealAuthors = rows },
            rows => Data with { WorldFacts = rows },
            rows => Data with { Holdout = rows },
        ];
        string[] first = ["f1", "r1", "a1", "w1", "h1"];
        for (var i = 0; i < sets.Length; i++)
        {
            foreach (var question in first.Where((_, j) => j != i))
                Refusal.Of(
                    () => sets[i]([Row("new", "x"), Row($" {question.ToUpperInvariant()} ", "x")]).Require(),
                    "too"
                );
        }
    }

    [Fact]
    public void A_set_of_which_one_row_lacks_wrong_answers_is_named_with_its_row()
    {
        QuestionAnswer[] rows = [Row("n1", "x"), Row("n2")];
        Refusal.Of(() => (Data with { Forget = rows }).Require(), "forget, row 2", "'perturbed_answer'", "1 of 2");
        Refusal.Of(() => (Data with { Retain = rows }).Require(), "retain, row 2");
        Refusal.Of(() => (Data with { RealAuthors = rows }).Require(), "real authors, row 2");
        Refusal.Of(() => (Data with { WorldFacts = rows }).Require(), "world facts, row 2");
        (Data with { Holdout = rows }).Require();
    }

    [Fact]
    public void A_comparison_of_truth_ratios_needs_wrong_answers_to_the_forget_rows() =>
        Refusal.Of(
            () =>
                (
                    Data with
                    {
                        Forget = [Row("f1")],
                        Names = new Dictionary<string, string> { ["Forget"] = "f.json" },
                    }
                ).Require(wrongAnswers: true),
            "f.json, row 1",
            "'perturbed_answer'"
        );

    [Fact]
    public async Task A_row_that_is_too_long_ends_the_benchmark_before_any_work()
    {
        using var model = UniformModel.Create("f1 f2 r1 r2 a1 a2 w1 w2 h1 x yes", positions: 24);
        var data = Data with { WorldFacts = [Row("w1", "x"), Row("w2", string.Concat(Enumerable.Repeat("yes ", 40)))] };
        var error = await Assert.ThrowsAsync<InputException>(() =>
            TofuBenchmark.RunAsync(
                model,
                data,
                new(),
                progress: new Told(),
                cancellationToken: TestContext.Current.CancellationToken
            )
        );
        Assert.Contains("world facts, row 2: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("24 positions", error.Message, StringComparison.Ordinal);
    }

    private static QuestionAnswer Row(string question, params string[] wrong) =>
        new()
        {
            Question = question,
            Answer = "yes",
            PerturbedAnswers = wrong,
        };

    private sealed class Told : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => Assert.Fail($"work began: {value}");
    }
}
