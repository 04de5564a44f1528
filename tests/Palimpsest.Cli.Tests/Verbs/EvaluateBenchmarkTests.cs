using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class EvaluateBenchmarkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public EvaluateBenchmarkTests()
    {
        using var model = TinyChatModel.Create(256);
        model.Save(_folder.File("model"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_benchmark_of_the_catalogue_is_run_beside_the_retrained_model_and_keeps_its_parts()
    {
        var rows = _folder.File("rows.jsonl");
        File.WriteAllLines(
            rows,
            [
                """{"query": "the cat", "choices": ["sat", "ate the hat"], "gold": 0}""",
                """{"task": "said", "query": "the dog", "target": "ate", "until": ["."], "max_gen_toks": 3}""",
            ]
        );
        var run = _folder.File("run");
        string[] command =
        [
            "evaluate",
            "lm-eval",
            "--model",
            _folder.File("model"),
            "--retrained",
            _folder.File("model"),
            "--data",
            rows,
            "--run",
            run,
            "--json",
        ];
        var first = await InProcess.DoneAsync(command);
        using var json = JsonDocument.Parse(first);
        var scores = json.RootElement.GetProperty("scores").EnumerateArray().ToArray();
        Assert.Equal(
            ["rows: accuracy", "rows: accuracy, per character", "said: exact match", "said: word F1"],
            scores.Select(score => score.GetProperty("name").GetString())
        );
        Assert.Equal(0.5, scores[0].GetProperty("chance").GetDouble());
        Assert.Equal(1, scores[0].GetProperty("level").GetProperty("n").GetInt32());
        Assert.True(
            JsonElement.DeepEquals(json.RootElement.GetProperty("scores"), json.RootElement.GetProperty("retrained"))
        );
        Assert.True(File.Exists(Path.Combine(run, "stages", "retrained", "rows-00000.json")));
        using var written = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "result.json")));
        Assert.Equal(4, written.RootElement.GetProperty("result").GetProperty("items").GetArrayLength());
        using var again = JsonDocument.Parse(await InProcess.DoneAsync(command));
        Assert.True(JsonElement.DeepEquals(json.RootElement, again.RootElement));
    }

    [Theory]
    [InlineData("--model and --data go together", "evaluate", "wmdp", "--data", "MODEL")]
    [InlineData("--model and --data go together", "evaluate", "muse", "--model", "MODEL")]
    [InlineData("--retrained: has no effect here", "evaluate", "muse", "--retrained", "MODEL")]
    [InlineData(
        "--world-seed: has no effect here",
        "evaluate",
        "muse",
        "--model",
        "MODEL",
        "--data",
        "MODEL",
        "--world-seed",
        "3"
    )]
    [InlineData("has no JSON file with bio, chem or cyber", "evaluate", "wmdp", "--model", "MODEL", "--data", "MODEL")]
    [InlineData("has no forget.json", "evaluate", "muse", "--model", "MODEL", "--data", "MODEL")]
    public async Task What_cannot_be_measured_is_refused_in_one_line(string expected, params string[] command)
    {
        var (code, _, error) = await InProcess.RunAsync([
            .. command.Select(word => word == "MODEL" ? _folder.File("model") : word),
        ]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }
}
