using Microsoft.Extensions.AI;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

/// <summary>Replies that outlive the process that asked for them.</summary>
public sealed class KeptChatClientTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeChatServer _server = new(request => FakeChatReply.Say($"re: {request.Prompt}\n\"é\""));

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_was_answered_is_not_asked_again_and_what_differs_is()
    {
        using (var first = Open())
        {
            Assert.Equal("re: one\n\"é\"", await AskAsync(first, "one"));
            Assert.Equal("re: one\n\"é\"", await AskAsync(first, "one"));
        }

        Assert.Single(_server.Requests);
        using var second = Open();
        Assert.Equal("re: one\n\"é\"", await AskAsync(second, "one"));
        Assert.Single(_server.Requests);
        await AskAsync(second, "two");
        await AskAsync(second, "one", new() { MaxOutputTokens = 8 });
        await AskAsync(second, "one", new() { Seed = 1 });
        await second.GetResponseAsync(
            [new(ChatRole.System, "Be short."), new(ChatRole.User, "one")],
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.Equal(5, _server.Requests.Count);
    }

    [Fact]
    public async Task Half_a_line_of_a_killed_process_is_cut_off_and_its_request_sent_again()
    {
        using (var first = Open())
        {
            await AskAsync(first, "one");
            await AskAsync(first, "two");
        }

        var whole = await File.ReadAllBytesAsync(Kept, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Kept, whole[..^5], TestContext.Current.CancellationToken);
        using (var second = Open())
        {
            await AskAsync(second, "one");
            await AskAsync(second, "two");
        }

        Assert.Equal(["one", "two", "two"], _server.Requests.Select(request => request.Prompt));
        Assert.Equal(whole, await File.ReadAllBytesAsync(Kept, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_request_with_tools_is_sent_each_time()
    {
        using var client = Open();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "count")] };
        await AskAsync(client, "one", options);
        await AskAsync(client, "one", options);
        Assert.Equal(2, _server.Requests.Count);
        Assert.False(File.Exists(Kept));
    }

    [Fact]
    public void A_damaged_line_is_named()
    {
        File.WriteAllText(Kept, "{\"request\":\"a\",\"reply\":{}}\n{}\n");
        Assert.Contains("line 2: is no reply", Assert.Throws<InputException>(Open).Message);
    }

    private string Kept => _folder.File("replies.jsonl");

    private KeptChatClient Open() =>
        new(HostedChatClient.Connect(new() { Endpoint = _server.Address, Model = "m" }), Kept);

    private static async Task<string> AskAsync(KeptChatClient client, string text, ChatOptions? options = null) =>
        (
            await client.GetResponseAsync([new(ChatRole.User, text)], options, TestContext.Current.CancellationToken)
        ).Text;
}
