using System.CommandLine;
using System.CommandLine.Help;
using Palimpsest.Cli.Verbs;

namespace Palimpsest.Cli;

/// <summary>The program: parses, runs a verb and turns what went wrong into an exit code and one line.</summary>
public static class Shell
{
    /// <summary>Runs the command line.</summary>
    /// <returns>A value of <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(string[] arguments) =>
        RunAsync(arguments, [.. VerbList.All.Select(verb => verb())]);

    /// <summary>Runs the command line with other verbs.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments, IReadOnlyList<Command> verbs)
    {
        var parsed = RootOf(verbs).Parse(arguments);
        var asJson = arguments.Contains(Session.JsonOption.Name);
        if (parsed.Errors.Count > 0)
            return Failure.Usage(UsageComplaint.Of(parsed)).Tell(asJson);
        using var interrupts = new Interrupts();
        try
        {
            if (parsed.Action == parsed.CommandResult.Command.Action)
            {
                parsed = await HubPlaces.ResolveAsync(parsed, interrupts.Token).ConfigureAwait(false);
                Preflight.Check(parsed);
            }

            var invocation = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(invocation, interrupts.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            return Failure.Of(error).Tell(asJson);
        }
    }

    /// <summary>The program's command with these verbs.</summary>
    internal static RootCommand RootOf(IReadOnlyList<Command> verbs)
    {
        var root = new RootCommand("Palimpsest: what a language model learnt, kept and forgot, and the proof of it.");
        root.WithExample("demo");
        root.Add(Session.JsonOption);
        foreach (var verb in verbs)
            root.Add(verb);
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExample((HelpAction)help.Action!);
        return root;
    }
}
