using Microsoft.Extensions.Logging;

namespace Palimpsest.Evaluation;

/// <summary>What audits log: names of tests, numbers and labels, never texts.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        4001,
        LogLevel.Information,
        "Audit of {Forget} facts to be forgotten among {Facts}, by {Tests} tests; with a retrained model: {Retrained}"
    )]
    public static partial void AuditStarted(this ILogger logger, int forget, int facts, int tests, bool retrained);

    [LoggerMessage(4002, LogLevel.Information, "Test '{Test}' took {Seconds:f1} s; recovery {Recovery}")]
    public static partial void TestMade(this ILogger logger, string test, double seconds, double? recovery);

    [LoggerMessage(4003, LogLevel.Warning, "Test '{Test}' was not made")]
    public static partial void TestNotMade(this ILogger logger, string test);

    [LoggerMessage(4004, LogLevel.Information, "Verdict: {Label}")]
    public static partial void VerdictReached(this ILogger logger, string label);
}
