using System.Text.Json;
using System.Text.RegularExpressions;

namespace Palimpsest.Cli.Tests;

/// <summary>What a long command leaves in its run folder, and what it prints where.</summary>
public sealed partial class RunFolderTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>
{
    [Fact]
    public async Task Config_holds_every_option_defaults_too_and_a_changed_one_or_a_changed_input_is_refused()
    {
        File.Copy(work.Forget, work.File("rows.jsonl"));
        string[] Command(string rate) =>
            [
                "train",
                "--data",
                work.File("rows.jsonl"),
                "--model",
                work.Model,
                "--out",
                work.File("trained"),
                "--run",
                work.File("run"),
                "--max-steps",
                "4",
                "--learning-rate",
                rate,
                "--json",
            ];
        var (code, output, error) = await InProcess.RunAsync(Command("0.01"));
        Assert.True(code == ExitCode.Done, error);
        using (var result = JsonDocument.Parse(output))
            Assert.Equal(4, result.RootElement.GetProperty("steps").GetInt32());
        Assert.Equal(4, File.ReadLines(work.File("run", "metrics.jsonl")).Count());

        using var config = JsonDocument.Parse(File.ReadAllText(work.File("run", "config.json")));
        var root = config.RootElement;
        var help = await InProcess.DoneAsync("train", "--help");
        var names = OptionName()
            .Matches(help)
            .Select(m => m.Groups[1].Value)
            .Except(["--help", "--run", "--json", "--overwrite"])
            .ToArray();
        Assert.True(names.Length > 20, help);
        const string refused = "--weights"; // train has it for its refusal alone
        Assert.Equal(
            names.Order(StringComparer.Ordinal),
            root.EnumerateObject()
                .Select(p => p.Name)
                .Except(["command", "inputs", refused])
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal("train", root.GetProperty("command").GetString());
        Assert.Equal(0.01, root.GetProperty("--learning-rate").GetDouble());
        Assert.Equal(0.999, root.GetProperty("--beta2").GetDouble());
        Assert.Equal(16, root.GetProperty("--batch-size").GetInt32());
        Assert.Equal("adam-w", root.GetProperty("--kind").GetString());
        Assert.Equal("cpu", root.GetProperty("--device").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("--tokenizer").ValueKind);
        Assert.Equal(work.File("rows.jsonl"), root.GetProperty("--data")[0].GetString());
        Assert.Equal(64, root.GetProperty("inputs").GetProperty(work.File("rows.jsonl")).GetString()!.Length);

        await InProcess.RefusedAsync(["config.json", "--learning-rate was 0.01 and is now 0.02"], Command("0.02"));
        File.AppendAllText(work.File("rows.jsonl"), "{\"question\":\"new\",\"answer\":\"row\"}\n");
        await InProcess.RefusedAsync(["config.json", "rows.jsonl has changed since"], Command("0.01"));
    }

    [Fact]
    public async Task Forget_says_in_JSON_where_the_model_is_and_the_folder_of_another_method_is_refused()
    {
        string[] Command(string method) =>
            [
                "forget",
                method,
                "--model",
                work.Model,
                "--forget",
                work.Forget,
                "--out",
                work.File("forgotten"),
                "--run",
                work.File("run-forget"),
                "--max-steps",
                "2",
                "--json",
            ];
        using var result = JsonDocument.Parse(await InProcess.DoneAsync(Command("ga")));
        Assert.Equal(work.File("forgotten"), result.RootElement.GetProperty("model").GetString());
        using var config = JsonDocument.Parse(File.ReadAllText(work.File("run-forget", "config.json")));
        Assert.Equal("forget ga", config.RootElement.GetProperty("command").GetString());
        Assert.Equal(1, config.RootElement.GetProperty("--forget-weight").GetDouble());
        await InProcess.RefusedAsync(["command was \"forget ga\" and is now \"forget npo\""], Command("npo"));
    }

    [Fact]
    public async Task What_is_piped_is_plain_text()
    {
        var (code, output, error) = await InProcess.RunAsync(
            "train",
            "--data",
            work.Forget,
            "--model",
            work.Model,
            "--out",
            work.File("plain"),
            "--run",
            work.File("run-plain"),
            "--max-steps",
            "2"
        );
        Assert.True(code == ExitCode.Done, error);
        Assert.DoesNotContain("\u001b", output + error, StringComparison.Ordinal);
        Assert.Contains("2 steps", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_in_the_same_run_folder_is_refused()
    {
        using var held = Foundation.LockFile.Take(work.File("run-held"));
        await InProcess.RefusedAsync(
            ["run-held", "in use by another process"],
            "train",
            "--data",
            work.Forget,
            "--model",
            work.Model,
            "--out",
            work.File("second"),
            "--run",
            work.File("run-held"),
            "--max-steps",
            "2"
        );
        Assert.False(Directory.Exists(work.File("second")));
    }

    [GeneratedRegex(@"^ +(?:-\S+, )*(--[a-z0-9-]+)", RegexOptions.Multiline)]
    private static partial Regex OptionName();
}
