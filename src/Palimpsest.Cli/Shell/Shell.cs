using System.CommandLine;
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
            await System.Console.Error.WriteLineAsync(
                $"palimpsest: {string.Join(" ", parsed.Errors.Select(e => e.Message))} Try 'palimpsest --help'.").ConfigureAwait(false);
            return ExitCode.BadInput;
        }

        try
        {
            var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
            if (parsed.CommandResult.Command is ChatVerb.TalkCommand)
                settings.ProcessTerminationTimeout = null;          // a conversation handles Ctrl-C itself
            return await parsed.InvokeAsync(settings).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await System.Console.Error.WriteLineAsync("palimpsest: cancelled; the same command with --run FOLDER goes on where it stopped.").ConfigureAwait(false);
            return ExitCode.Cancelled;
        }
        catch (InputException error)
        {
            await System.Console.Error.WriteLineAsync($"palimpsest: {error.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
            return ExitCode.BadInput;
        }
        catch (ArgumentException error)
        {
            await System.Console.Error.WriteLineAsync($"palimpsest: {error.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
            return ExitCode.BadInput;
        }
        catch (Exception error)
        {
            await System.Console.Error.WriteLineAsync($"palimpsest: internal error: {error}").ConfigureAwait(false);
            return ExitCode.Internal;
        }
    }
}
