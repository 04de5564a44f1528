using System.Diagnostics;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class SwapModelsTests
{
    [Fact]
    public async Task The_sample_answers_from_a_local_folder()
    {
        using var folder = new TemporaryFolder();
        InferenceServicesTests.SaveModel(folder.Path);
        var (code, output, error) = await RunAsync($"--Chat:Local:Path={folder.Path}", "--Question=the cat");
        Assert.True(code == 0, error);
        using var model = LanguageModel.Load(folder.Path);
        var expected = await model.ReplyAsync(
            [
                [Turn.User("the cat")],
            ],
            new() { MaxNewTokens = 60 }
        );
        Assert.NotEmpty(expected[0].Trim());
        Assert.Equal(expected[0].Trim(), output.Trim());
    }

    [Fact]
    public async Task The_sample_answers_from_an_endpoint_when_the_configuration_says_so()
    {
        using var server = new FakeChatServer(request => FakeChatReply.Say($"You asked: {request.Prompt}"));
        var (code, output, error) = await RunAsync(
            "--Chat:Provider=openai",
            $"--Chat:OpenAI:Endpoint={server.Address}",
            "--Chat:OpenAI:Model=fake",
            "--Question=Who?"
        );
        Assert.True(code == 0, error);
        Assert.Equal("You asked: Who?", output.Trim());
        Assert.Equal("/v1/chat/completions", Assert.Single(server.Requests).Path);
    }

    [Theory]
    [InlineData("--Chat:Provider=carrier-pigeon", "carrier-pigeon")]
    [InlineData("--Chat:Local:Path=/no/such/folder", "/no/such/folder")]
    public async Task What_is_wrong_is_one_line(string argument, string part)
    {
        var (code, _, error) = await RunAsync(argument);
        Assert.Equal(2, code);
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "SwapModels.dll"), .. arguments]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
