using Microsoft.Extensions.Logging;

namespace Palimpsest.Inference;

/// <summary>What inference logs: ids and numbers, never texts.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        5001,
        LogLevel.Information,
        "Reply {Id} of {Model}: {PromptTokens} tokens read, {ReplyTokens} written in {Milliseconds} ms, ended by {End}"
    )]
    public static partial void Replied(
        this ILogger logger,
        string id,
        string model,
        int promptTokens,
        int replyTokens,
        long milliseconds,
        GenerationEnd end
    );
}
