using Microsoft.Extensions.Logging;

namespace Palimpsest.Training;

/// <summary>What training logs: numbers, never texts.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        2001,
        LogLevel.Information,
        "Training {Parameters} parameters in {Tensors} tensors from step {Step} to {Total}, seed {Seed}"
    )]
    public static partial void TrainingStarted(
        this ILogger logger,
        long parameters,
        int tensors,
        int step,
        int total,
        ulong seed
    );

    [LoggerMessage(
        2002,
        LogLevel.Information,
        "Trained to step {Step}: {Tokens} tokens in {Seconds:f1} s, loss {Loss}"
    )]
    public static partial void TrainingFinished(
        this ILogger logger,
        int step,
        long tokens,
        double seconds,
        double loss
    );

    [LoggerMessage(2003, LogLevel.Information, "Cancelled at step {Step}; it was kept for the next run: {Kept}")]
    public static partial void TrainingCancelled(this ILogger logger, int step, bool kept);
}
