using System.Text.Json;

namespace Palimpsest.Cli.Tests;

/// <summary>What the program says to those who type something that it does not know, or ask for help.</summary>
public sealed class UsageTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    public static TheoryData<string> Verbs =>
        [.. CommandTree.Root.Subcommands.Select(verb => verb.Name), "forget npo", "evaluate tofu", "attack sleek"];

    [Theory, MemberData(nameof(Verbs))]
    public async Task Help_lists_the_options_and_ends_with_0(string verb)
    {
        var (code, output, error) = await InProcess.RunAsync([.. verb.Split(' '), "--help"]);
        Assert.Equal(ExitCode.Done, code);
        Assert.Empty(error);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
        Assert.Matches($@"Usage:\s+\S+ {verb} ", output);
        Assert.Contains($"Example:\n  palimpsest {verb}", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "Default:",
            output
                .Split("Options:")[1]
                .Replace("Default: the", "", StringComparison.Ordinal)
                .Replace("Default: runs/", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_program_is_called_palimpsest_in_its_help() =>
        Assert.Contains("palimpsest [command]", await PalimpsestProcess.DoneAsync("--help"), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "one of these is needed", "train", "audit")]
    [InlineData("fogret", "'fogret' is no command", "did you mean 'forget'")]
    [InlineData("frobnicate", "'frobnicate' is no command.", "There are: ", "systems")]
    [InlineData("forget", "one of these is needed", "npo-rt")]
    [InlineData("forget nbo --model m --forget f --out o", "'nbo' is no command", "did you mean 'npo'", "graddiff")]
    [InlineData("forget simnop", "did you mean 'simnpo'")]
    [InlineData("evaluate tufo --model m", "did you mean 'tofu'")]
    [InlineData("attack", "one of these is needed", "sleek")]
    [InlineData("generate --modle m --prompt p", "'--modle' is no option", "did you mean '--model'")]
    [InlineData("forget ga --model m --forget f --out o --learning-rat 1", "did you mean '--learning-rate'")]
    [InlineData("systems extra", "'extra' is one word too many")]
    [InlineData("generate --prompt p", "--model")]
    [InlineData("train --out", "--out")]
    [InlineData("train --out o --batch-size many", "many", "--batch-size")]
    [InlineData("generate --model m --prompt p --top-p nought", "--top-p", "'nought' is not a number")]
    [InlineData("generate --model m --prompt p --top-p 1.5", "--top-p", "must be > 0 and <= 1", "1.5")]
    [InlineData("generate --model m --prompt p --temperature NaN", "--temperature", "'NaN' is not a number")]
    [InlineData("generate --model m --prompt p --temperature 0,7", "--temperature", "'0,7' is not a number")]
    [InlineData("train --data d --out o --learning-rate 1,5", "--learning-rate", "'1,5' is not a number")]
    [InlineData("train --data d --out o --learning-rate 1.000,5", "--learning-rate", "not a number")]
    [InlineData("train --data d --out o --max-steps 1,000", "--max-steps", "'1,000' is not a whole number")]
    [InlineData("train --data d --out o --clip-norm Infinity", "--clip-norm", "'Infinity' is not a number")]
    [InlineData("train --data d --out o --seed 1e3", "--seed", "'1e3' is not a whole number", "from 0 to")]
    [InlineData("generate --model m --prompt p --seed -1", "--seed", "'-1'")]
    [InlineData(
        "generate --model m --prompt p --max-new-tokens 99999999999",
        "--max-new-tokens",
        "is out of range",
        "up to 2147483647"
    )]
    [InlineData("train --data d --out o --schedule spiral", "--schedule", "spiral", "cosine")]
    [InlineData("train --data d --out o --kind adam", "--kind", "'adam'", "adam-w, sgd")]
    [InlineData("train --data d --out o --max-steps 0", "--max-steps", ">= 1")]
    [InlineData("train --data d --out o --run-folder r", "'--run-folder' is no option")]
    [InlineData("forget ga --model m --forget f --out o --lora-rank -1", "--lora-rank", "-1 is too small", "from 0")]
    [InlineData("generate --model m --prompt p --device abacus", "--device", "'abacus'", "cpu, cuda")]
    public async Task A_bad_command_line_gets_one_line_and_2(string line, params string[] words) =>
        await InProcess.RefusedAsync(words, [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Place)]);

    [Fact]
    public async Task Cuda_where_there_is_none_is_refused_in_one_line_and_at_once()
    {
        Assert.SkipWhen(
            Directory.EnumerateFiles(AppContext.BaseDirectory, "*torch_cuda*", SearchOption.AllDirectories).Any(),
            "this build has CUDA"
        );
        await InProcess.RefusedAsync(
            ["--device", "cuda"],
            "generate",
            "--model",
            work.Model,
            "--prompt",
            "p",
            "--device",
            "cuda"
        );
        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")));
    }

    [Fact]
    public async Task Json_goes_to_standard_output_alone()
    {
        var (code, output, error) = await InProcess.RunAsync("systems", "--json");
        Assert.Equal(ExitCode.Done, code);
        Assert.Empty(error);
        using var json = JsonDocument.Parse(output);
        var listed = json.RootElement.EnumerateArray().Select(s => s.GetProperty("id").GetString()).ToArray();
        Assert.Empty(Unlearning.Catalog.All.Select(entry => entry.Id).Except(listed));
        Assert.Contains("sleek", listed);
    }

    /// <summary>The file or folder that a letter stands for.</summary>
    private string Place(string word) =>
        word switch
        {
            "m" => work.Model,
            "d" or "f" => work.Forget,
            "o" => work.File("usage-out"),
            _ => word,
        };
}
