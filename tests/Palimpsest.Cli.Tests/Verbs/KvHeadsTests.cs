using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class KvHeadsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public KvHeadsTests()
    {
        using var model = TinyChatModel.Create(256);
        model.Save(_folder.File("model"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Heads_that_were_found_are_those_that_a_policy_reads()
    {
        var path = _folder.File("heads.json");
        string[] command = ["kv", "heads", "--model", _folder.File("model"), "--out", path];
        using var json = JsonDocument.Parse(
            await InProcess.DoneAsync([.. command, "--block", "16", "--induction", "0.5", "--json"])
        );
        Assert.Equal(
            json.RootElement.GetProperty("of").GetInt32() / 2,
            json.RootElement.GetProperty("count").GetInt32()
        );
        string[] generate = ["generate", "--model", _folder.File("model"), "--prompt", "the cat sat on the mat"];
        string[] rest = ["--max-new-tokens", "20", "--json"];
        var whole = await AnswerAsync([.. generate, .. rest]);
        var some = await AnswerAsync([.. generate, .. rest, "--kv", $"razor-attention(heads={path},sinks=1,window=2)"]);
        Assert.NotEqual(whole, some);
    }

    [Fact]
    public async Task A_block_that_the_model_cannot_hold_is_refused()
    {
        string[] command = ["kv", "heads", "--model", _folder.File("model"), "--out", _folder.File("none.json")];
        var (exitCode, _, error) = await InProcess.RunAsync([.. command, "--block", "5000"]);
        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.Contains("positions", error, StringComparison.Ordinal);
    }

    private static async Task<string> AnswerAsync(string[] command)
    {
        using var json = JsonDocument.Parse(await InProcess.DoneAsync(command));
        return json.RootElement.GetProperty("text").GetString()!;
    }
}
