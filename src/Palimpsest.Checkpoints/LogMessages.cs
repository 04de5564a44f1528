using Microsoft.Extensions.Logging;

namespace Palimpsest.Checkpoints;

/// <summary>What a hub's downloads log: names of models, numbers, never addresses or tokens.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1001, LogLevel.Information, "{Model} at {Commit}: {Files} files, {Bytes} bytes, {Missing} to bring")]
    public static partial void ModelListed(
        this ILogger logger,
        string model,
        string commit,
        int files,
        long bytes,
        long missing
    );

    [LoggerMessage(1002, LogLevel.Warning, "Attempt {Attempt} failed ({Error}); the next begins in {Seconds:f1} s")]
    public static partial void TriedAgain(this ILogger logger, int attempt, string error, double seconds);

    [LoggerMessage(1003, LogLevel.Information, "{Model} at {Commit} is in the cache")]
    public static partial void ModelReady(this ILogger logger, string model, string commit);
}
