using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class KvOptionTests : IDisposable
{
    private const string Words = "the cat sat on the mat and the dog ate the hat and the cat sat on the mat";

    private readonly TemporaryFolder _folder = new();

    public KvOptionTests()
    {
        using var model = TinyChatModel.Create(256);
        model.Save(_folder.File("model"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_policy_that_drops_entries_changes_the_answer_and_one_that_drops_none_does_not()
    {
        var whole = await AnswerAsync();
        Assert.Equal(whole, await AnswerAsync("--kv", "streaming-llm(budget=4096)"));
        Assert.NotEqual(whole, await AnswerAsync("--kv", "streaming-llm(budget=8)"));
    }

    [Fact]
    public async Task A_wrong_policy_is_refused_by_name()
    {
        string[] command =
        [
            "generate",
            "--model",
            _folder.File("model"),
            "--prompt",
            Words,
            "--kv",
            "snapkw(budget=8)",
        ];
        var (exitCode, _, error) = await InProcess.RunAsync(command);
        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.Contains("snapkw", error, StringComparison.Ordinal);
        Assert.Contains("snapkv", error, StringComparison.Ordinal);
    }

    private async Task<string> AnswerAsync(params string[] options)
    {
        string[] fixedPart = ["generate", "--model", _folder.File("model"), "--prompt", Words, "--json"];
        var output = await InProcess.DoneAsync([.. fixedPart, "--max-new-tokens", "40", .. options]);
        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("text").GetString()!;
    }
}
