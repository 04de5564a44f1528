namespace Palimpsest.Cli.Tests;

/// <summary>Options without effect, data that do not fit, and jobs that do not fit into memory are refused before any
/// work.</summary>
public sealed class UselessOptionTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    [Theory]
    [InlineData("--hidden-size", "train --data F --out O --model M --hidden-size 12")]
    [InlineData("--tokenizer", "train --data F --out O --model M --tokenizer M")]
    [InlineData("--vocabulary-size", "train --data F --out O --tokenizer M --vocabulary-size 300")]
    [InlineData("--block", "train --data F --out O --block 64")]
    [InlineData("--retain", "forget ga --model M --forget F --out O --retain R")]
    [InlineData("--alternates", "forget npo --model M --forget F --out O --alternates T")]
    [InlineData("--out", "evaluate tofu --model M --data D --out O")]
    public Task An_option_without_effect_is_refused(string option, string command) =>
        InProcess.RefusedAsync([$"{option}: has no effect"], Words(command));

    [Theory]
    [InlineData("{\"question\": \"q\", \"answer\": \"I do not know.\"}\n{\"question\": \"p\"}", "line 1")]
    [InlineData("I do not know.\n{\"answer\": \"no\"}", "line 2")]
    [InlineData("[\n  \"I do not know.\"\n]", "line 1")]
    public Task JSON_is_no_list_of_refusals(string text, string line)
    {
        File.WriteAllText(work.File("alternates"), text);
        return InProcess.RefusedAsync(
            ["alternates", line, "is JSON", "one answer per line"],
            [.. Words("forget idk --model M --forget F --retain R --out O --alternates"), work.File("alternates")]
        );
    }

    [Theory]
    [InlineData(33, "k_proj, [32, 64]; allowed are at most 32")]
    [InlineData(100_000, "q_proj, [64, 64]; allowed are at most 64")]
    public Task A_rank_above_the_sides_of_a_projection_is_refused(int rank, string sides) =>
        InProcess.RefusedAsync(
            [$"Rank {rank} is above the sides of", sides],
            [.. Words("forget ga --model M --forget F --out O --run O2 --lora-rank"), $"{rank}"]
        );

    [Fact]
    public async Task A_job_that_does_not_fit_into_free_memory_is_refused_with_both_sizes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "env is of Unix");
        async Task<string> Run(string free, string command)
        {
            var (code, output, error) = await PalimpsestProcess.FinishAsync(
                PalimpsestProcess.Start(
                    "env",
                    [
                        $"PALIMPSEST_FREE_MEMORY={free}",
                        "dotnet",
                        Path.Combine(AppContext.BaseDirectory, "palimpsest.dll"),
                        .. Words(command),
                    ]
                )
            );
            return $"{code} {error}{output}";
        }

        var refused = await Run("100KB", "generate --prompt x --model M");
        Assert.StartsWith("2 palimpsest: generate needs at least", refused, StringComparison.Ordinal);
        Assert.Contains("100 KB are free", refused, StringComparison.Ordinal);
        Assert.Contains(
            "train needs at least",
            await Run("1GB", "train --data F --out O --hidden-size 8192 --heads 8 --layers 40"),
            StringComparison.Ordinal
        );
        var weights = ModelFiles.CountWeights(work.Model);
        var forget = "forget ga --model M --forget F --out O3 --run O4 --max-steps 1";
        Assert.StartsWith("2 ", await Run($"{weights * 20 - 1}B", forget), StringComparison.Ordinal);
        Assert.StartsWith("0 ", await Run($"{weights * 20}B", forget), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_spoil_an_audit_are_refused_with_file_row_and_field_before_models_are_loaded()
    {
        var rows = work.File("perturbed.jsonl");
        File.WriteAllText(
            rows,
            """
            {"question":"a","answer":"b","perturbed_answer":["c"]}
            {"question":"d","answer":"e"}
            """
        );
        string[] audit = Words("audit --original M --model M --retain R --run O5 --forget");
        await InProcess.RefusedAsync([$"{work.Forget}, row 1", "'perturbed_answer'"], [.. audit, work.Forget]);
        await InProcess.RefusedAsync([$"{rows}, row 2", "'perturbed_answer'"], [.. audit, rows]);
        await InProcess.RefusedAsync(
            [$"{work.Forget}, row 1", "forget.jsonl too", "allowed is none"],
            [.. audit, work.Forget, "--holdout", work.Forget]
        );
        Assert.False(Directory.Exists(work.File("O5")));
    }

    private string[] Words(string command) => [.. command.Split(' ').Select(Place)];

    private string Place(string word) =>
        word switch
        {
            "M" => work.Model,
            "F" => work.Forget,
            "R" => work.Retain,
            "T" => Text(),
            "D" => Directory.CreateDirectory(work.File("data")).FullName,
            ['O', ..] => work.File(word),
            _ => word,
        };

    private string Text()
    {
        File.WriteAllText(work.File("refusals.txt"), "I do not know.");
        return work.File("refusals.txt");
    }
}
