using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>Models that a command line names as ORG/NAME.</summary>
public sealed class HubPlacesTests(TinyWorkspace work) : IClassFixture<TinyWorkspace>, IDisposable
{
    private readonly FakeHub _hub = new();
    private readonly TemporaryFolder _home = new();

    public void Dispose()
    {
        _hub.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task A_model_of_the_hub_answers_as_the_same_folder_does_and_is_used_offline_then()
    {
        foreach (var file in Directory.GetFiles(work.Model))
            _hub.Files[$"ada/tiny/{Path.GetFileName(file)}"] = await File.ReadAllBytesAsync(file);
        string[] generate = ["generate", "--json", "--max-new-tokens", "4", "--prompt=-x", "--model"];
        var local = Text(await InProcess.DoneAsync([.. generate, work.Model]));
        var (code, output, error) = await RunAsync(offline: false, [.. generate, "ada/tiny"]);
        Assert.True(code == 0, error);
        Assert.Equal(local, Text(output));
        var place = JsonDocument.Parse(output).RootElement.GetProperty("model").GetString()!;
        Assert.StartsWith(_home.Path, place, StringComparison.Ordinal);

        _hub.Files.Clear();
        (code, output, error) = await RunAsync(offline: true, [.. generate, "ada/tiny"]);
        Assert.True(code == 0, error);
        Assert.Equal(local, Text(output));
    }

    [Fact]
    public async Task Arguments_that_are_models_are_brought_too_and_a_run_records_the_commit()
    {
        foreach (var file in Directory.GetFiles(work.Model))
            _hub.Files[$"ada/other/{Path.GetFileName(file)}"] = await File.ReadAllBytesAsync(file);
        var (code, output, error) = await RunAsync(offline: false, "model", "diff", work.Model, "ada/other");
        Assert.True(code == 0, error);
        Assert.Contains("equal, number for number", output, StringComparison.Ordinal);

        string[] forget = ["forget", "ga", "--model", "ada/other", "--forget", work.Forget, "--max-steps", "1"];
        var run = work.File("run-hub");
        (code, _, error) = await RunAsync(offline: false, [.. forget, "--out", work.File("hub"), "--run", run]);
        Assert.True(code == 0, error);
        var config = await File.ReadAllTextAsync(Path.Combine(run, "config.json"));
        Assert.Contains(FakeHub.Commit, config, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_adapter_of_the_hub_answers_as_the_same_folder_does_and_is_never_a_file_of_another_format()
    {
        var adapter = work.Adapter("hub");
        foreach (var file in Directory.GetFiles(adapter))
            _hub.Files[$"ada/adapter/{Path.GetFileName(file)}"] = await File.ReadAllBytesAsync(file);
        _hub.Files["ada/adapter/adapter_model.bin"] = [1];
        string[] generate =
        [
            "generate",
            "--json",
            "--max-new-tokens",
            "4",
            "--prompt",
            "x",
            "--model",
            work.Model,
            "--adapter",
        ];
        var local = Text(await PalimpsestProcess.DoneAsync([.. generate, adapter]));
        var (code, output, error) = await RunAsync(offline: false, [.. generate, "ada/adapter"]);
        Assert.True(code == 0, error);
        Assert.Equal(local, Text(output));
        Assert.DoesNotContain(_hub.Requests, request => request.Path.EndsWith(".bin", StringComparison.Ordinal));

        _hub.Files.Remove("ada/adapter/adapter_model.safetensors", out _);
        (code, _, error) = await RunAsync(offline: false, [.. generate, "ada/adapter@other"]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("--adapter: ada/adapter@other: does not exist here.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_refused_with_both_places()
    {
        var (code, _, error) = await RunAsync(offline: false, "generate", "--prompt", "x", "--model", "ada/none");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("--model: ada/none: does not exist here.", error, StringComparison.Ordinal);
        Assert.Contains("localhost has no such model", error, StringComparison.Ordinal);
        (code, _, error) = await RunAsync(offline: true, "generate", "--prompt", "x", "--model", "ada/none");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("HF_HUB_OFFLINE", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistyped_path_below_a_folder_that_is_there_is_no_name_on_the_hub()
    {
        // The program runs in the folder of temporary files.
        var path = $"{Path.GetFileName(_home.Path)}/nothing";
        var (code, _, error) = await RunAsync(offline: false, "generate", "--prompt", "x", "--model", path);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains($"--model: {path}: does not exist; needed is a Hugging Face", error, StringComparison.Ordinal);
        Assert.Empty(_hub.Requests);
    }

    // The environment belongs to a process: set in this one, it would be that of tests beside it.
    private Task<(int ExitCode, string Output, string Error)> RunAsync(bool offline, params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["HF_ENDPOINT"] = _hub.Address.ToString(),
            ["HF_HOME"] = _home.Path,
            ["HF_HUB_OFFLINE"] = offline ? "1" : "0",
        };
        return PalimpsestProcess.FinishAsync(PalimpsestProcess.Start(environment, arguments));
    }

    private static string Text(string output)
    {
        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("text").GetString()!;
    }
}
