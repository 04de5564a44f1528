using System.Runtime.InteropServices;
using System.Text.Json;

namespace Palimpsest.Cli;

/// <summary>Why a command ended without a result: a line for people, or beside <c>--json</c> an object.</summary>
/// <param name="Kind">Input, cancelled or internal.</param>
/// <param name="Message">One line.</param>
/// <param name="ExitCode">A value of <see cref="Cli.ExitCode"/>.</param>
/// <param name="Detail">The stack of an internal error, for a report of it; else null.</param>
internal sealed record Failure(FailureKind Kind, string Message, int ExitCode, string? Detail = null)
{
    /// <summary>What a user typed that cannot be done.</summary>
    public static Failure Usage(string message) => new(FailureKind.Usage, OneLine(message), Cli.ExitCode.BadInput);

    /// <summary>What an exception stands for. Every exception that is not about input, files, memory or cancellation is
    /// a mistake of the program, an <see cref="ArgumentException"/> too.</summary>
    public static Failure Of(Exception error) =>
        error switch
        {
            OperationCanceledException { InnerException: OperationCanceledException } => new(
                FailureKind.Cancelled,
                $"cancelled; {OneLine(error.Message)}",
                Cli.ExitCode.Cancelled
            ),
            OperationCanceledException => new(FailureKind.Cancelled, "cancelled.", Cli.ExitCode.Cancelled),
            Verbs.TamperedException => new(FailureKind.Tampered, OneLine(error.Message), Cli.ExitCode.Tampered),
            InputException or IOException or UnauthorizedAccessException => new(
                FailureKind.Input,
                OneLine(error.Message),
                Cli.ExitCode.BadInput
            ),
            _ when IsMemory(error) => new(
                FailureKind.Memory,
                "there is not enough memory; a smaller model or --batch-size needs less.",
                Cli.ExitCode.BadInput
            ),
            _ => new(
                FailureKind.Internal,
                $"internal error: {error.GetType().Name}: {OneLine(error.Message)}",
                Cli.ExitCode.Internal,
                error.ToString()
            ),
        };

    /// <summary>Tells it and gives the exit code.</summary>
    /// <param name="asJson">Standard output, where the result would be, gets an object beside standard error's
    /// line.</param>
    /// <param name="streams">Standard output and standard error.</param>
    public int Tell(bool asJson, (TextWriter Output, TextWriter Error) streams)
    {
        if (asJson)
            WriteObject(streams.Output);
        streams.Error.WriteLine($"palimpsest: {Message}");
        if (Detail is not null)
            streams.Error.WriteLine(Detail);
        return ExitCode;
    }

    // What failed may be standard output itself; the line on standard error says so.
    private void WriteObject(TextWriter output)
    {
        try
        {
            output.WriteLine(JsonSerializer.Serialize(new { Error = this }, Session.JsonFormat));
        }
        catch (IOException) { }
    }

    private static bool IsMemory(Exception error) =>
        error is OutOfMemoryException
        || (error is ExternalException && error.Message.Contains("allocate memory", StringComparison.Ordinal));

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");
}
