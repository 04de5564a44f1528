using System.Text;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class KeptSessionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public KeptSessionTests()
    {
        using var model = TinyChatModel.Create(positions: 4000);
        model.Save(_folder.File("model"));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("snapkv(budget=0.6,window=4)+kivi(bits=4,group=4,residual=8)")]
    public async Task A_killed_chat_goes_on_bit_for_bit(string policy)
    {
        var (whole, killed) = (_folder.File("whole"), _folder.File("killed"));
        string[] kv = policy.Length == 0 ? [] : ["--kv", policy];
        var (_, expected, _) = await TalkAsync(whole, "the cat sat\nthe dog\n", kv);
        using (var process = PalimpsestProcess.Start(Arguments(killed, kv)))
        {
            await process.StandardInput.WriteLineAsync("the cat sat");
            await process.StandardInput.FlushAsync();
            for (var i = 0; i < 1200 && !File.Exists(killed); i++)
                await Task.Delay(50);
            process.Kill(); // SIGKILL
            await process.WaitForExitAsync();
        }

        var (code, answer, error) = await TalkAsync(killed, "the dog\n");
        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith(answer, expected, StringComparison.Ordinal);
        Assert.True(answer.Length > 1);
        Assert.True(File.ReadAllBytes(whole).AsSpan().SequenceEqual(File.ReadAllBytes(killed)));
    }

    [Fact]
    public async Task What_is_forgotten_is_in_no_place_that_the_report_calls_clean()
    {
        var path = _folder.File("session");
        var (code, output, error) = await TalkAsync(
            path,
            "the cat sat\nMy secret is hat\nthe dog\n/forget secret\n/forget nothing like it\n/history\n"
        );
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("conversation: removed. 2 turns are gone.", output, StringComparison.Ordinal);
        Assert.Contains("key-value cache: rebuilt.", output, StringComparison.Ordinal);
        Assert.Contains("session file: rebuilt.", output, StringComparison.Ordinal);
        Assert.Contains("disk: not visited.", output, StringComparison.Ordinal);
        Assert.Contains("later turns: not visited. 2 were", output, StringComparison.Ordinal);
        Assert.Contains("conversation: not found.", output, StringComparison.Ordinal);
        Assert.Contains("user: the cat sat", output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "secret",
            output[output.IndexOf("user:", StringComparison.Ordinal)..],
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(File.ReadAllBytes(path)), StringComparison.Ordinal);
        using var model = LanguageModel.Load(_folder.File("model"));
        using var context = KeptContext.Load(path, model);
        Assert.DoesNotContain("secret", model.Tokenizer.Decode([.. context.Cache.Tokens(0)]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_model_or_policy_is_refused_in_one_line()
    {
        var path = _folder.File("other");
        await TalkAsync(path, "the cat\n", "--kv", "tova(budget=12)");
        var (code, _, error) = await TalkAsync(path, "the dog\n", "--kv", "tova(budget=13)");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("tova(budget=12)", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, "no session");
        (code, _, error) = await TalkAsync(path, "the dog\n");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(path, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    private string[] Arguments(string session, params string[] more) =>
        ["chat", "--model", _folder.File("model"), "--session", session, "--max-new-tokens", "8", .. more];

    private async Task<(int Code, string Output, string Error)> TalkAsync(
        string session,
        string input,
        params string[] more
    )
    {
        using var process = PalimpsestProcess.Start(Arguments(session, more));
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        return await PalimpsestProcess.FinishAsync(process);
    }
}
