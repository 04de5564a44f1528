using System.Text;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class ChatProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ctrl_C_stops_the_answer_and_at_the_prompt_the_program()
    {
        PalimpsestProcess.SkipWithoutInterrupts();
        using var process = PalimpsestProcess.Start([
            "chat",
            "--model",
            TalkativeModel(),
            "--max-new-tokens",
            "30000",
            "--temperature",
            "1",
        ]);
        var output = new StringBuilder();
        async Task UntilAsync(Func<string, bool> seen)
        {
            var buffer = new char[4096];
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            while (!seen(output.ToString()))
            {
                var read = await process.StandardOutput.ReadAsync(buffer, limit.Token);
                Assert.True(read > 0, $"ended early: {output}");
                output.Append(buffer, 0, read);
            }
        }

        await process.StandardInput.WriteLineAsync("hello");
        await UntilAsync(text => text.Length > 20);
        PalimpsestProcess.Interrupt(process);
        await UntilAsync(text => text.Contains(" …", StringComparison.Ordinal));
        await process.StandardInput.WriteLineAsync($"/save {_folder.File("talk.json")}");
        await UntilAsync(text => text.Contains("Written to", StringComparison.Ordinal));
        Assert.Contains("hello", await File.ReadAllTextAsync(_folder.File("talk.json")), StringComparison.Ordinal);
        PalimpsestProcess.Interrupt(process);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(ExitCode.Cancelled, process.ExitCode);
    }

    private string TalkativeModel()
    {
        var tokenizer = BpeTrainer.Train(["hello"], new() { VocabularySize = 262, LeastCount = 1 });
        using var model = new LanguageModel(
            new(DecoderConfig.TinyLlama(8000, 16, 1, 2, 1, 16, 40_000), 1),
            tokenizer,
            "talkative"
        );
        model.Save(_folder.File("model"));
        return _folder.File("model");
    }
}
