using System.CommandLine;
using System.Runtime.InteropServices;
using Palimpsest.Cli.Verbs;

namespace Palimpsest.Cli;

/// <summary>The program: parses, runs a verb and turns what went wrong into an exit code and one line.</summary>
public static class Shell
{
    /// <summary>Runs the command line.</summary>
    /// <returns>A value of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand("Palimpsest: what a language model learnt, kept and forgot, and the proof of it.");
        root.Add(Session.JsonOption);
        foreach (var verb in VerbList.All)
            root.Add(verb());
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            var complaint =
                UnknownName.Complaint(parsed)
                ?? string.Join(" ", parsed.Errors.Select(e => e.Message.ReplaceLineEndings(" ")));
            return Complain(
                $"{complaint} Try '{string.Join(' ', UnknownName.Path(parsed))} --help'.",
                ExitCode.BadInput
            );
        }

        using var interrupts = new Interrupts();
        try
        {
            if (parsed.Action == parsed.CommandResult.Command.Action)
                Preflight.Check(parsed);
            return await parsed
                .InvokeAsync(
                    new InvocationConfiguration
                    {
                        EnableDefaultExceptionHandler = false,
                        ProcessTerminationTimeout = null,
                    },
                    interrupts.Token
                )
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException error)
        {
            return Complain(
                error.InnerException is OperationCanceledException ? $"cancelled; {error.Message}" : "cancelled.",
                ExitCode.Cancelled
            );
        }
        catch (Exception error) when (error is InputException or ArgumentException)
        {
            return Complain(error.Message.ReplaceLineEndings(" "), ExitCode.BadInput);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Complain(error.Message.ReplaceLineEndings(" "), ExitCode.BadInput);
        }
        catch (Exception error)
            when (error is OutOfMemoryException
                || (error is ExternalException && error.Message.Contains("allocate memory", StringComparison.Ordinal))
            )
        {
            return Complain(
                "there is not enough memory; a smaller model or --batch-size needs less.",
                ExitCode.BadInput
            );
        }
        catch (Exception error)
        {
            return Complain($"internal error: {error}", ExitCode.Internal);
        }
    }

    private static int Complain(string line, int exitCode)
    {
        System.Console.Error.WriteLine($"palimpsest: {line}");
        return exitCode;
    }
}
