using System.CommandLine;
using System.CommandLine.Help;
using Palimpsest.Cli.Verbs;

namespace Palimpsest.Cli;

/// <summary>The program: parses, runs a verb and turns what went wrong into an exit code and one line.</summary>
public static class Shell
{
    // Commands share options, which keep every parent that they ever get: one tree serves a process.
    internal static RootCommand Root { get; } = RootOf([.. VerbList.All.Select(verb => verb())]);

    /// <summary>Runs the command line.</summary>
    /// <returns>A value of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        using var interrupts = new Interrupts();
        return await RunAsync(arguments, System.Console.Out, System.Console.Error, interrupts.Token)
            .ConfigureAwait(false);
    }

    /// <summary>Runs the command line with its results and messages written elsewhere, as if both were
    /// redirected.</summary>
    internal static Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter error,
        CancellationToken cancellationToken = default
    ) => RunAsync(arguments, Root, (output, error), cancellationToken);

    /// <summary>Runs the command line of another root.</summary>
    internal static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        RootCommand root,
        (TextWriter Output, TextWriter Error) streams,
        CancellationToken cancellationToken = default
    )
    {
        var parsed = root.Parse(arguments).With(streams);
        var asJson = arguments.Contains(Session.JsonOption.Name);
        if (parsed.Errors.Count > 0)
            return Failure.Usage(UsageComplaint.Of(parsed)).Tell(asJson, streams);
        try
        {
            if (parsed.Action == parsed.CommandResult.Command.Action)
            {
                parsed = await HubPlaces.ResolveAsync(parsed, cancellationToken).ConfigureAwait(false);
                parsed = parsed.With(streams);
                Preflight.Check(parsed);
            }

            return await parsed.InvokeAsync(parsed.InvocationConfiguration, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            return Failure.Of(error).Tell(asJson, streams);
        }
    }

    private static ParseResult With(this ParseResult parsed, (TextWriter Output, TextWriter Error) streams)
    {
        var invocation = parsed.InvocationConfiguration;
        (invocation.Output, invocation.Error) = streams;
        invocation.EnableDefaultExceptionHandler = false;
        invocation.ProcessTerminationTimeout = null;
        return parsed;
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
