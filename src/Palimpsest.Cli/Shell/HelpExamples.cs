using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Palimpsest.Cli;

/// <summary>Command lines that help shows as examples.</summary>
internal static class HelpExamples
{
    private static readonly ConditionalWeakTable<Command, string> Lines = [];

    /// <summary>Gives a command its example.</summary>
    /// <param name="command">The command.</param>
    /// <param name="line">What is typed after <c>palimpsest</c>.</param>
    public static Command WithExample(this Command command, string line)
    {
        Lines.AddOrUpdate(command, line);
        return command;
    }

    /// <summary>The command's example, or null.</summary>
    public static string? ExampleOf(Command command) => Lines.TryGetValue(command, out var line) ? line : null;
}
