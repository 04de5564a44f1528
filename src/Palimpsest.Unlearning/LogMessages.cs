using Microsoft.Extensions.Logging;

namespace Palimpsest.Unlearning;

/// <summary>What unlearning logs: ids and numbers, never texts.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        3001,
        LogLevel.Information,
        "Unlearning by {Method}: {Forget} rows to forget, {Retain} to keep, {Alternates} with alternates, seed {Seed}"
    )]
    public static partial void UnlearningStarted(
        this ILogger logger,
        string method,
        int forget,
        int retain,
        int alternates,
        ulong seed
    );

    [LoggerMessage(3002, LogLevel.Information, "Unlearned by {Method} in {Steps} steps: {Result}")]
    public static partial void UnlearningFinished(this ILogger logger, string method, int steps, string result);

    [LoggerMessage(3003, LogLevel.Information, "{Method} changes layers {Layers}")]
    public static partial void LayersChosen(this ILogger logger, string method, string layers);

    [LoggerMessage(3004, LogLevel.Information, "{Method} changes experts {Experts} (layer/expert) and their routers")]
    public static partial void ExpertsChosen(this ILogger logger, string method, string experts);
}
