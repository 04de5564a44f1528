using System.Text.Json;
using Palimpsest.TestKit;
using Palimpsest.Worlds;

namespace Palimpsest.Cli.Tests;

public sealed class EvaluateKvTests : IDisposable
{
    private const string Row = """
        {"context": "the cat sat on the mat and the dog ate the hat", "question": " the cat", "answer": " sat"}
        """;

    private readonly TemporaryFolder _folder = new();

    public EvaluateKvTests()
    {
        using var model = TinyChatModel.Create(256);
        model.Save(_folder.File("model"));
        File.WriteAllText(_folder.File("rows.jsonl"), $"{Row}\n{Row}\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_policy_is_asked_in_both_ways_at_every_size_and_drawn()
    {
        var output = await PalimpsestProcess.DoneAsync([
            .. Command("--shares", "0.6,0.4", "--kv", "tova(budget=5)", "--out", _folder.File("out")),
            "--json",
        ]);
        using var json = JsonDocument.Parse(output);
        var rows = json.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        var sized = KvArm.All(16).Count(arm => arm.IsSized) + 1; // and razor-attention, whose heads are searched
        Assert.Equal(2 * (1 + sized * 2 + KvArm.All(16).Count(arm => !arm.IsSized) + 1), rows.Length);
        Assert.All(rows, row => Assert.Equal("rows", row.GetProperty("task").GetString()));
        Assert.All(rows, row => Assert.Equal(2, row.GetProperty("exact").GetProperty("n").GetInt32()));
        Assert.Equal(1, rows[0].GetProperty("bytes_share").GetDouble());
        Assert.Contains(rows, row => row.GetProperty("policy").GetString() == "tova(budget=5)");
        var picture = File.ReadAllText(Path.Combine(_folder.File("out"), "kv.svg"));
        Assert.Equal(rows.Length, picture.Split("<circle").Length - 1);
        Assert.Contains("rows, question afterwards", picture, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--shares '1.5'", "--shares", "1.5")]
    [InlineData("--shares: no share", "--shares", "0,5")]
    [InlineData("'snapkw' snapkv", "--kv", "snapkw(budget=4)")]
    public async Task What_cannot_be_measured_is_refused_before_the_model_is_loaded(
        string expected,
        string option,
        string value
    )
    {
        var (exitCode, _, error) = await PalimpsestProcess.RunAsync(Command(option, value));
        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.All(expected.Split(' '), word => Assert.Contains(word.Trim('\''), error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_row_without_an_answer_is_named_and_data_need_a_model()
    {
        File.WriteAllText(_folder.File("rows.jsonl"), """{"context": "the cat", "question": " the"}""");
        var (exitCode, _, error) = await PalimpsestProcess.RunAsync(Command());
        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.Contains("answer", error, StringComparison.Ordinal);
        (exitCode, _, error) = await PalimpsestProcess.RunAsync("evaluate", "kv", "--data", _folder.File("rows.jsonl"));
        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.Contains("--model and --data go together", error, StringComparison.Ordinal);
    }

    private string[] Command(params string[] options) =>
        ["evaluate", "kv", "--model", _folder.File("model"), "--data", _folder.File("rows.jsonl"), .. options];
}
