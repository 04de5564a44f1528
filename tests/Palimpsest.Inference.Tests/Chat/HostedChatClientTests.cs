using System.Text.Json;
using Microsoft.Extensions.AI;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class HostedChatClientTests
{
    private static readonly RequestPolicy Quick = new()
    {
        Attempts = 3,
        RetrySeconds = 0,
        TimeoutSeconds = 20,
        Concurrency = 1,
    };

    [Fact]
    public async Task The_request_carries_model_options_and_key_and_the_answer_comes_back()
    {
        Environment.SetEnvironmentVariable("PALIMPSEST_TEST_KEY", "secret-1");
        using var server = new FakeChatServer(_ => FakeChatReply.Say("Paris, I think."));
        using var client = HostedChatClient.Connect(
            new()
            {
                Endpoint = server.Address,
                Model = "fake",
                KeyVariable = "PALIMPSEST_TEST_KEY",
            }
        );
        var replies = await new ChatClientTextModel(client, "fake", Quick).ReplyAsync(
            [
                [new("system", "Be short."), Turn.User("Capital?")],
            ],
            new()
            {
                MaxNewTokens = 9,
                Temperature = 0.5,
                TopP = 0.9,
                FrequencyPenalty = 0.25,
                Seed = 4,
                StopStrings = ["\n"],
            }
        );
        Assert.Equal(["Paris, I think."], replies);
        var request = Assert.Single(server.Requests);
        Assert.Equal(
            ("/v1/chat/completions", "Bearer secret-1", "Capital?"),
            (request.Path, request.Authorization, request.Prompt)
        );
        Assert.Equal("fake", request.Body.GetProperty("model").GetString());
        Assert.Equal(0.5, request.Body.GetProperty("temperature").GetDouble(), 1e-6);
        Assert.Equal(0.9, request.Body.GetProperty("top_p").GetDouble(), 1e-6);
        Assert.Equal(0.25, request.Body.GetProperty("frequency_penalty").GetDouble(), 1e-6);
        Assert.Equal(JsonValueKind.Number, request.Body.GetProperty("seed").ValueKind);
        Assert.Equal("\n", request.Body.GetProperty("stop")[0].GetString());
    }

    [Fact]
    public async Task Streaming_gives_the_pieces()
    {
        using var server = new FakeChatServer(_ => FakeChatReply.Say("one two three"));
        using var client = HostedChatClient.Connect(new() { Endpoint = server.Address + "/v1", Model = "fake" });
        var updates = await client.GetStreamingResponseAsync("x").ToListAsync();
        Assert.Equal("one two three", string.Concat(updates.Select(u => u.Text)));
        Assert.True(updates.Count(u => u.Text.Length > 0) == 3);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_failing_endpoint_is_asked_again(int status)
    {
        var calls = 0;
        using var server = new FakeChatServer(_ =>
            ++calls < 3 ? FakeChatReply.Raw("{\"error\": {\"message\": \"busy\"}}", status) : FakeChatReply.Say("there")
        );
        Assert.Equal(["there"], await Ask(server, Quick));
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task An_endpoint_that_keeps_failing_is_one_line()
    {
        using var server = new FakeChatServer(_ => FakeChatReply.Raw("<html>\nInternal error\n</html>", 500));
        await FailsWith(server, Quick, "no answer after 3 attempts", "status 500");
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    public async Task A_refusal_is_not_tried_again(int status)
    {
        using var server = new FakeChatServer(_ =>
            FakeChatReply.Raw("{\"error\": {\"message\": \"no such thing\"}}", status)
        );
        await FailsWith(server, Quick, "refused", "no such thing");
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("not JSON at all")]
    [InlineData("{}")]
    [InlineData("{\"choices\": []}")]
    [InlineData("[1, 2]")]
    public async Task An_answer_that_is_not_of_the_protocol_is_one_line(string body)
    {
        using var server = new FakeChatServer(_ => FakeChatReply.Raw(body));
        await FailsWith(server, Quick with { Attempts = 2 }, "no answer after 2 attempts", "protocol");
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_slow_endpoint_is_given_up()
    {
        using var server = new FakeChatServer(_ => FakeChatReply.Say("late") with { Delay = TimeSpan.FromSeconds(60) });
        await FailsWith(
            server,
            Quick with
            {
                Attempts = 2,
                TimeoutSeconds = 0.5,
            },
            "no answer after 2 attempts",
            "0.5 s"
        );
    }

    [Fact]
    public async Task No_server_is_one_line()
    {
        string address;
        using (var server = new FakeChatServer(_ => FakeChatReply.Say("")))
            address = server.Address;
        using var client = HostedChatClient.Connect(new() { Endpoint = address, Model = "fake" });
        var error = await Assert.ThrowsAsync<InputException>(() =>
            new ChatClientTextModel(client, "fake", Quick with { Attempts = 1 }).ReplyAsync(
                [
                    [Turn.User("x")],
                ],
                new()
            )
        );
        Assert.Contains("no answer after 1 attempts", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("localhost:8000", "m", null, "localhost:8000")]
    [InlineData("ftp://localhost", "m", null, "http://")]
    [InlineData("http://localhost", " ", null, "name is missing")]
    [InlineData("http://localhost", "m", "NO_SUCH_VARIABLE_HERE", "NO_SUCH_VARIABLE_HERE")]
    public void Settings_that_cannot_work_are_one_line(string endpoint, string model, string? key, string part) =>
        Assert.Contains(
            part,
            Assert
                .Throws<InputException>(() =>
                    HostedChatClient.Connect(
                        new()
                        {
                            Endpoint = endpoint,
                            Model = model,
                            KeyVariable = key,
                        }
                    )
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task The_caller_s_cancellation_is_no_timeout()
    {
        using var server = new FakeChatServer(_ => FakeChatReply.Say("late") with { Delay = TimeSpan.FromSeconds(60) });
        using var stop = new CancellationTokenSource(200);
        using var client = HostedChatClient.Connect(new() { Endpoint = server.Address, Model = "fake" });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new ChatClientTextModel(client, "fake", Quick).ReplyAsync(
                [
                    [Turn.User("x")],
                ],
                new(),
                stop.Token
            )
        );
    }

    private static async Task<IReadOnlyList<string>> Ask(FakeChatServer server, RequestPolicy policy)
    {
        using var client = HostedChatClient.Connect(new() { Endpoint = server.Address, Model = "fake" });
        return await new ChatClientTextModel(client, "fake", policy).ReplyAsync(
            [
                [Turn.User("x")],
            ],
            new()
        );
    }

    private static async Task FailsWith(FakeChatServer server, RequestPolicy policy, params string[] parts)
    {
        var error = await Assert.ThrowsAsync<InputException>(() => Ask(server, policy));
        foreach (var part in parts)
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
