using System.Text;
using System.Text.Json;

namespace Palimpsest.TestKit;

/// <summary>What a <see cref="FakeChatServer"/> answers.</summary>
public sealed record FakeChatReply
{
    private string _text = "";
    private string? _raw;

    /// <summary>HTTP status.</summary>
    public int Status { get; init; } = 200;

    /// <summary>How long it takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>An assistant's message in the protocol's form.</summary>
    public static FakeChatReply Say(string text) => new() { _text = text };

    /// <summary>A body that is sent as it is.</summary>
    public static FakeChatReply Raw(string body, int status = 200) => new() { _raw = body, Status = status };

    /// <summary>Whether the body is a stream of events.</summary>
    internal bool Streams(FakeChatRequest request) => _raw is null && request.WantsStream;

    /// <summary>The body for a request.</summary>
    internal string Body(FakeChatRequest request)
    {
        if (_raw is not null)
            return _raw;
        if (!request.WantsStream)
            return Chunk("chat.completion", "message", _text, "stop");
        var events = new StringBuilder();
        foreach (var word in _text.Split(' ').Select((word, i) => i == 0 ? word : " " + word))
            events.Append("data: ").Append(Chunk("chat.completion.chunk", "delta", word, null)).Append("\n\n");
        events.Append("data: ").Append(Chunk("chat.completion.chunk", "delta", "", "stop")).Append("\n\n");
        return events.Append("data: [DONE]\n\n").ToString();
    }

    private static string Chunk(string kind, string field, string text, string? finish) =>
        JsonSerializer.Serialize(
            new Dictionary<string, object?>
            {
                ["id"] = "chat-1",
                ["object"] = kind,
                ["created"] = 1700000000,
                ["model"] = "fake",
                ["choices"] = new[]
                {
                    new Dictionary<string, object?>
                    {
                        ["index"] = 0,
                        [field] = new { role = "assistant", content = text },
                        ["finish_reason"] = finish,
                    },
                },
                ["usage"] = new
                {
                    prompt_tokens = 3,
                    completion_tokens = 2,
                    total_tokens = 5,
                },
            }
        );
}
