using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Palimpsest.Checkpoints;

/// <summary>Trying again what another machine failed at.</summary>
internal static class Retries
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    /// <summary>Tries so often in all, with waits that double.</summary>
    /// <param name="attempts">Tries, at least 1.</param>
    /// <param name="delay">Wait before the second; none is above an hour.</param>
    /// <param name="isTransient">Whether an error may not come another time.</param>
    /// <param name="logger">Told of every failed attempt that another follows.</param>
    public static ResiliencePipeline Times(
        int attempts,
        TimeSpan delay,
        Func<Exception, bool> isTransient,
        ILogger logger
    )
    {
        if (attempts == 1)
            return ResiliencePipeline.Empty;
        var again = new RetryStrategyOptions
        {
            MaxRetryAttempts = attempts - 1,
            Delay = delay,
            MaxDelay = LongestDelay,
            BackoffType = DelayBackoffType.Exponential,
            ShouldHandle = arguments =>
                ValueTask.FromResult(arguments.Outcome.Exception is { } error && isTransient(error)),
            OnRetry = arguments =>
            {
                var error = arguments.Outcome.Exception?.GetType().Name ?? "";
                logger.TriedAgain(arguments.AttemptNumber + 1, error, arguments.RetryDelay.TotalSeconds);
                return ValueTask.CompletedTask;
            },
        };
        return new ResiliencePipelineBuilder().AddRetry(again).Build();
    }
}
