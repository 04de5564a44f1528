using System.Text.Json;
using System.Text.RegularExpressions;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class SleekVerbTests(TrainedWorld world) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_generator_and_a_judge_at_endpoints_serve_the_attack_and_the_probes_are_used_again()
    {
        Environment.SetEnvironmentVariable("PALIMPSEST_SLEEK_KEY", "secret-2");
        var full = await world.ModelAsync();
        string? silent = null; // the first fact for which probes are asked for gets none
        using var server = new FakeChatServer(request => FakeChatReply.Say(Answer(request.Prompt, ref silent)));
        string[] models =
        [
            "--original",
            full,
            "--model",
            full,
            "--facts",
            world.Rows("facts"),
            "--probes",
            _folder.File("probes.jsonl"),
            "--json",
            "--max-new-tokens",
            "16",
            "--scored",
        ];
        string[] generator =
        [
            "--generator-endpoint",
            server.Address,
            "--generator-model",
            "writer",
            "--generator-key-env",
            "PALIMPSEST_SLEEK_KEY",
        ];
        var first = await LeaksAsync([.. models, .. generator, "--run", _folder.File("run1")]);
        var probes = first.GetProperty("probes");
        Assert.Equal("writer", probes.GetProperty("source").GetString());
        Assert.True(probes.GetProperty("written").GetInt32() > 0);
        Assert.Equal(1, probes.GetProperty("fallbacks").GetInt32());
        Assert.All(server.Requests, request => Assert.Equal("Bearer secret-2", request.Authorization));
        Assert.Contains(
            "Which of the questions",
            File.ReadAllText(_folder.File("probes.jsonl")),
            StringComparison.Ordinal
        );
        Assert.Equal(1, first.GetProperty("report").GetProperty("recovery_of_all").GetDouble());
        Assert.True(first.GetProperty("scored").GetProperty("seed_leak").GetProperty("hits").GetInt32() > 0);

        var asked = server.Requests.Count;
        string[] judged =
        [
            .. models,
            "--judge-endpoint",
            server.Address,
            "--judge-model",
            "judge",
            "--run",
            _folder.File("run2"),
        ];
        var second = await LeaksAsync(judged);
        Assert.Equal("file", second.GetProperty("probes").GetProperty("source").GetString());
        Assert.Equal(
            probes.GetProperty("hash").GetString(),
            second.GetProperty("probes").GetProperty("hash").GetString()
        );
        Assert.Equal(
            probes.GetProperty("hash").GetString(),
            second.GetProperty("report").GetProperty("probes_hash").GetString()
        );
        Assert.Equal("alias, then model judge", second.GetProperty("judge").GetString());
        Assert.All(
            server.Requests.Skip(asked),
            request => Assert.Equal("judge", request.Body.GetProperty("model").GetString())
        );
        Assert.True(server.Requests.Count > asked);
        foreach (
            var file in new[]
            {
                "probes.jsonl",
                "replies-original.jsonl",
                "replies-candidate.jsonl",
                "report.json",
                "config.json",
            }
        )
            Assert.True(File.Exists(_folder.File("run2", file)), file);

        // As if it had been stopped while the candidate was asked.
        var stages = Directory.GetFiles(_folder.File("run2", "stages"), "*.json", SearchOption.AllDirectories);
        File.Delete(stages.Single(path => Path.GetFileName(path) == "replies-candidate.json"));
        var kept = stages.Where(File.Exists).ToDictionary(path => path, File.GetLastWriteTimeUtc);
        Assert.True(
            JsonElement.DeepEquals(second.GetProperty("report"), (await LeaksAsync(judged)).GetProperty("report"))
        );
        Assert.NotEmpty(kept);
        Assert.All(kept, stage => Assert.Equal(stage.Value, File.GetLastWriteTimeUtc(stage.Key)));
    }

    [Fact]
    public async Task A_generator_that_fails_is_one_line()
    {
        using var server = new FakeChatServer(_ => FakeChatReply.Raw("no", 500));
        await FailsWith(
            "no answer after 2 attempts",
            "--generator-endpoint",
            server.Address,
            "--generator-model",
            "writer",
            "--attempts",
            "2",
            "--retry-seconds",
            "0"
        );
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_generator_that_is_too_slow_is_one_line()
    {
        using var server = new FakeChatServer(_ => FakeChatReply.Say("late") with { Delay = TimeSpan.FromMinutes(2) });
        await FailsWith(
            "0.5 s",
            "--generator-endpoint",
            server.Address,
            "--generator-model",
            "writer",
            "--attempts",
            "1",
            "--timeout-seconds",
            "0.5"
        );
    }

    [Theory]
    [InlineData("needs --generator-model", "--generator-endpoint", "http://localhost:1")]
    [InlineData("need --judge-endpoint", "--judge-model", "m")]
    [InlineData("not an address", "--generator-endpoint", "nowhere", "--generator-model", "m")]
    [InlineData(
        "NO_SUCH_KEY_HERE",
        "--generator-endpoint",
        "http://localhost:1",
        "--generator-model",
        "m",
        "--generator-key-env",
        "NO_SUCH_KEY_HERE"
    )]
    [InlineData("--judge-endpoint", "--whole-topic")]
    [InlineData("alias, overlap", "--judge", "dice")]
    [InlineData("--attempts", "--attempts", "0")]
    public Task Options_that_do_not_fit_are_one_line(string part, params string[] arguments) =>
        FailsWith(part, arguments);

    private static string Answer(string prompt, ref string? silent)
    {
        if (prompt.Contains("Answer with one word", StringComparison.Ordinal))
            return "no";
        if (!prompt.Contains("JSON", StringComparison.Ordinal))
            return "1. A step.\nAnswer: so it is.";
        var (subject, answers) = (
            Regex.Match(prompt, "names (.+?) and asks").Groups[1].Value,
            Regex.Match(prompt, @"these words: (.+)\.").Groups[1].Value
        );
        silent ??= subject + answers;
        return silent == subject + answers
            ? "I cannot write lists."
            : $"[{{\"question\": \"Which of the questions about {subject} is the plainest?\", \"category\": "
                + $"\"direct\", \"knowledge_point\": \"a point\"}}]";
    }

    private static async Task<JsonElement> LeaksAsync(string[] arguments)
    {
        var (code, output, error) = await InProcess.RunAsync(["attack", "sleek", .. arguments]);
        Assert.True(code == ExitCode.Failed, error + output);
        return JsonDocument.Parse(output).RootElement;
    }

    private async Task FailsWith(string part, params string[] arguments)
    {
        using var work = new TinyWorkspace();
        var (code, _, error) = await InProcess.RunAsync([
            "attack",
            "sleek",
            "--original",
            work.Model,
            "--model",
            work.Model,
            "--facts",
            world.Rows("facts"),
            "--run",
            _folder.File("run"),
            "--json",
            .. arguments,
        ]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'), line => line.StartsWith("palimpsest:", StringComparison.Ordinal));
    }
}
