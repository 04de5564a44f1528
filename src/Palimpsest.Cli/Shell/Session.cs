using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Palimpsest.Cli;

/// <summary>What a verb needs of its surroundings: where to print, whether as JSON, and the clock.</summary>
public sealed class Session
{
    /// <summary>The option that every verb has.</summary>
    public static Option<bool> JsonOption { get; } =
        new("--json")
        {
            Description =
                "Print the result, or the error, as JSON on standard output; progress goes to standard error.",
            Recursive = true,
        };

    /// <summary>How results are printed: in ASCII, which every terminal shows.</summary>
    public static JsonSerializerOptions JsonFormat { get; } =
        new(ResultJson.Format) { Encoder = JavaScriptEncoder.Default };

    // What is piped on has whole lines: who reads it wraps them, or looks for words in them.
    private const int WideColumns = 100_000;

    private readonly ProgressDisplay _progress;

    /// <summary>Reads the common options.</summary>
    public Session(ParseResult parsed)
    {
        Json = parsed.GetValue(JsonOption);
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var errorIsRedirected = System.Console.IsErrorRedirected || error != System.Console.Error;
        var onTerminal = !Json && !System.Console.IsOutputRedirected && output == System.Console.Out;
        var errors = ConsoleOn(error);
        Output = output;
        Console = Json ? errors : ConsoleOn(output);
        if (Json ? errorIsRedirected : !onTerminal)
            Console.Profile.Width = WideColumns;
        if (errorIsRedirected)
            errors.Profile.Width = WideColumns;
        // What is piped on holds the result alone.
        _progress = onTerminal
            ? new(Console, Console.Profile.Capabilities.Interactive)
            : new(errors, !errorIsRedirected && errors.Profile.Capabilities.Interactive);
    }

    /// <summary>True when the result is wanted as JSON.</summary>
    public bool Json { get; }

    /// <summary>Standard output.</summary>
    public TextWriter Output { get; }

    /// <summary>For people: standard output, or standard error beside <c>--json</c>.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>Runs long work with a progress display.</summary>
    public Task<T> WithProgressAsync<T>(string title, Func<IProgress<TaskProgress>, Task<T>> work) =>
        _progress.RunAsync(title, work);

    /// <summary>Prints a line for people.</summary>
    public void Say(string line) => Console.WriteLine(line);

    /// <summary>Prints the result: JSON, or what <paramref name="draw"/> draws for people.</summary>
    public void Result(object result, Action<IAnsiConsole> draw)
    {
        if (Json)
            Output.WriteLine(JsonSerializer.Serialize(result, JsonFormat));
        else
            draw(Console);
    }

    private static IAnsiConsole ConsoleOn(TextWriter writer) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
}
