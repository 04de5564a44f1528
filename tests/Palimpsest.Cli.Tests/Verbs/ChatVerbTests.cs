using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class ChatVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ChatVerbTests()
    {
        using var model = TinyChatModel.Create(positions: 20000);
        model.Save(_folder.File("model"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_pipe_gets_the_answers_and_nothing_else()
    {
        var (code, output, error) = await PipeAsync("the cat\n\n/system the mat\nthe dog\n", "--max-new-tokens", "8");
        Assert.Equal((0, ""), (code, error));
        using var model = LanguageModel.Load(_folder.File("model"));
        var options = new GenerationOptions { MaxNewTokens = 8 };
        var first = (
            await model.ReplyAsync(
                [
                    [Turn.User("the cat")],
                ],
                options
            )
        )[0];
        var second = (
            await model.ReplyAsync(
                [
                    [new("system", "the mat"), Turn.User("the cat"), Turn.Assistant(first), Turn.User("the dog")],
                ],
                options
            )
        )[0];
        Assert.NotEmpty(first.Trim());
        Assert.Equal($"{first}\nInstructions: the mat\n{second}\n", output);
    }

    [Theory]
    [InlineData("/frobnicate\n", "/frobnicate")]
    [InlineData("/load nowhere.json\n", "nowhere.json")]
    public async Task From_a_pipe_an_error_ends_it_with_one_line(string input, string part)
    {
        var (code, _, error) = await PipeAsync(input + "/exit\n");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task On_a_terminal_lines_are_edited_Ctrl_C_stops_the_answer_and_errors_leave_it_open()
    {
        PalimpsestProcess.SkipWithoutInterrupts();
        Assert.SkipUnless(
            File.Exists("/usr/bin/script") && File.Exists("/proc/thread-self/children"),
            "Needs script(1) for a pseudo-terminal, and Linux."
        );
        ForgetTheEnd(_folder.File("model"));
        using var terminal = new Terminal(_folder.File("model"));
        await terminal.SeeAsync("> ");
        terminal.Type("the caX\u007ft\r"); // backspace
        await terminal.SeeAsync("the cat");
        await terminal.SeeMoreAsync(characters: 40);
        terminal.Type("\u0003");
        await terminal.SeeAsync("stopped");
        terminal.Type("/set max-new-tokens 5\r");
        await terminal.SeeAsync("max-new-tokens 5\r");
        terminal.Type("/nonsense\r");
        await terminal.SeeAsync("There is no command /nonsense");
        terminal.Type("\u001b[A\u001b[A\u001b[A\r"); // up to the first question
        await terminal.SeeAsync("5 tokens");
        terminal.Interrupt(); // meant for the answer, and too late
        terminal.Type("half a line\u0003");
        terminal.Type("/history\r");
        await terminal.SeeAsync("user: the cat");
        terminal.Type("\u0004");
        Assert.Equal(0, await terminal.EndAsync());
    }

    /// <summary>A random model may draw its end token before Ctrl-C comes; one that knows none goes on.</summary>
    private static void ForgetTheEnd(string model)
    {
        (string, string)[] places =
        [
            ("config.json", "eos_token_id"),
            ("generation_config.json", "eos_token_id"),
            ("special_tokens_map.json", "eos_token"),
            ("tokenizer_config.json", "eos_token"),
        ];
        foreach (var (name, field) in places)
        {
            var path = Path.Combine(model, name);
            var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            Assert.True(json.ContainsKey(field), $"{name} has no {field}");
            json[field] = null; // absent, it would be the family's default
            File.WriteAllText(path, json.ToJsonString());
        }

        using var forgetful = LanguageModel.Load(model);
        Assert.Empty(forgetful.EndTokens);
    }

    private async Task<(int Code, string Output, string Error)> PipeAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "palimpsest.dll"),
                "chat",
                "--model",
                _folder.File("model"),
                .. arguments,
            ]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>The program on a pseudo-terminal that script(1) gives it.</summary>
    private sealed class Terminal : IDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _screen = new();
        private readonly Task _reading;
        private int _seen;

        public Terminal(string model)
        {
            // A shell that stayed would get Ctrl-C too, and end as if it had been stopped.
            var command =
                $"exec dotnet '{Path.Combine(AppContext.BaseDirectory, "palimpsest.dll")}' chat --model '{model}' "
                + $"--max-new-tokens 15000 --temperature 1";
            _process = Process.Start(
                new ProcessStartInfo("/usr/bin/script", ["-qefc", command, "/dev/null"])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    Environment = { ["TERM"] = "xterm", ["SHELL"] = "/bin/sh" },
                }
            )!;
            _reading = Task.Run(ReadAsync);
        }

        public void Type(string keys)
        {
            _process.StandardInput.Write(keys);
            _process.StandardInput.Flush();
        }

        /// <summary>Sends the program what Ctrl-C sends where the line editor does not catch the key.</summary>
        public void Interrupt()
        {
            var children = File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children");
            using var program = Process.GetProcessById(
                int.Parse(
                    Assert.Single(children.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
                    CultureInfo.InvariantCulture
                )
            );
            PalimpsestProcess.Interrupt(program);
        }

        /// <summary>Waits for a text after those that were waited for before.</summary>
        public Task SeeAsync(string text) =>
            SeeAsync(
                screen =>
                    screen.IndexOf(text, _seen, StringComparison.Ordinal) is >= 0 and var at ? at + text.Length : -1,
                $"'{text}'"
            );

        /// <summary>Waits for more of whatever it may be.</summary>
        public Task SeeMoreAsync(int characters) =>
            SeeAsync(
                screen => screen.Length >= _seen + characters ? _seen + characters : -1,
                $"{characters} characters"
            );

        private async Task SeeAsync(Func<string, int> end, string what)
        {
            for (var waited = Stopwatch.StartNew(); ; await Task.Delay(50))
            {
                lock (_screen)
                {
                    var at = end(_screen.ToString());
                    if (at >= 0)
                    {
                        _seen = at;
                        return;
                    }

                    Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2), $"{what} did not come after: {_screen}");
                }
            }
        }

        public async Task<int> EndAsync()
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            _reading.Wait(TimeSpan.FromSeconds(10));
            _process.Dispose();
        }

        private async Task ReadAsync()
        {
            var buffer = new char[4096];
            while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var count)
            {
                lock (_screen)
                    _screen.Append(buffer, 0, count);
            }
        }
    }
}
