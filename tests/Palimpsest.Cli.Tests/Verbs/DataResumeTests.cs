using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

/// <summary>Facts and rows of a model at an endpoint: a run that was killed or interrupted goes on, and asks nothing
/// twice.</summary>
public sealed class DataResumeTests : IDisposable
{
    private const int Sentences = 6;

    private readonly TemporaryFolder _folder = new();
    private volatile int _answered = int.MaxValue;

    public DataResumeTests()
    {
        string[] towns = ["Velmora", "Dravik", "Pellow", "Tarnholm", "Ostrava", "Quill"];
        File.WriteAllLines(
            _folder.File("forget.txt"),
            towns.Select((town, i) => $"Ada{(char)('a' + i)} Lind was born in {town}.")
        );
        File.WriteAllLines(
            _folder.File("rows.jsonl"),
            towns.Select(town => $$"""{"question": "Where is {{town}}?", "answer": "It is {{town}}."}""")
        );
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("facts", false), InlineData("facts", true), InlineData("perturb", false), InlineData("perturb", true)]
    public async Task A_run_that_was_stopped_goes_on_and_asks_nothing_twice(string verb, bool interrupted)
    {
        if (interrupted)
            PalimpsestProcess.SkipWithoutInterrupts();
        using var server = Server();
        var input = verb == "facts" ? "forget.txt" : "rows.jsonl";
        string[] Command(string name) =>
            [
                "data",
                verb,
                "--forget",
                _folder.File(input),
                "--out",
                _folder.File(name, "out"),
                "--run",
                _folder.File(name, "run"),
                "--generator-endpoint",
                server.Address,
                "--generator-model",
                "writer",
                "--concurrency",
                "1",
            ];
        await PalimpsestProcess.DoneAsync(Command("whole"));
        Assert.Equal(Sentences, server.Requests.Count);

        _answered = server.Requests.Count + 3;
        await StopAsync(Command("stopped"), interrupted, () => server.Requests.Count > _answered);
        Assert.Empty(
            Directory.Exists(_folder.File("stopped", "out")) ? Directory.GetFiles(_folder.File("stopped", "out")) : []
        );
        _answered = int.MaxValue;
        await PalimpsestProcess.DoneAsync(Command("stopped"));
        // The fourth was under way when it was stopped, and nobody had its reply.
        var asked = server.Requests.Skip(Sentences).Select(request => request.Prompt).ToArray();
        Assert.Equal(Sentences + 1, asked.Length);
        Assert.Equal(asked[3], asked[4]);
        Assert.Equal(Sentences, asked.Distinct().Count());
        foreach (var file in Directory.GetFiles(_folder.File("whole", "out")))
            Assert.Equal(
                await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken),
                await File.ReadAllTextAsync(
                    _folder.File("stopped", "out", Path.GetFileName(file)),
                    TestContext.Current.CancellationToken
                )
            );

        await InProcess.RefusedAsync(
            ["--wrong-answers", "config.json"],
            [.. Command("stopped"), "--overwrite", "--wrong-answers", "2"]
        );
    }

    [Fact]
    public async Task Rules_have_no_run_that_could_go_on() =>
        await InProcess.RefusedAsync(
            ["--run: has no effect", "--generator-endpoint"],
            "data",
            "facts",
            "--forget",
            _folder.File("forget.txt"),
            "--out",
            _folder.File("out"),
            "--run",
            _folder.File("run")
        );

    private async Task StopAsync(string[] command, bool interrupted, Func<bool> isWaiting)
    {
        using var process = PalimpsestProcess.Start(command);
        var replies = _folder.File("stopped", "run", "replies.jsonl");
        PalimpsestProcess.StopWhen(process, () => isWaiting() && LinesOf(replies) == 3);
        if (interrupted)
            PalimpsestProcess.Interrupt(process);
        else
            process.Kill();
        var (code, _, error) = await PalimpsestProcess.FinishAsync(process);
        if (interrupted)
        {
            Assert.Equal(ExitCode.Cancelled, code);
            Assert.Contains($"--run {_folder.File("stopped", "run")} goes on", error, StringComparison.Ordinal);
        }
    }

    private FakeChatServer Server()
    {
        FakeChatServer? server = null;
        server = new(request =>
            FakeChatReply.Say(Reply(request.Prompt)) with
            {
                Delay = server!.Requests.Count > _answered ? TimeSpan.FromMinutes(5) : TimeSpan.Zero,
            }
        );
        return server;
    }

    private static int LinesOf(string file)
    {
        if (!File.Exists(file))
            return 0;
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Count(letter => letter == '\n');
    }

    private static string Reply(string prompt)
    {
        if (prompt.Contains("paraphrased_question", StringComparison.Ordinal))
            return """{"paraphrased_question": "P?", "paraphrased_answer": "A!", "perturbed_answer": ["B!"]}""";
        var sentence = prompt.Split('\n').Single(line => line.Contains("was born in", StringComparison.Ordinal));
        var words = sentence.TrimEnd('.').Split(' ');
        return $$"""
            {"subject": "{{words[0]}} Lind", "relation": "origin", "value": "{{words[^1]}}",
            "question": "Whence is {{words[0]}} Lind?"}
            """;
    }
}
