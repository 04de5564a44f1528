using System.CommandLine;

namespace Palimpsest.Cli.Tests;

/// <summary>Every command of the program.</summary>
internal static class CommandTree
{
    /// <summary>The program's root with its verbs.</summary>
    public static RootCommand Root => Shell.Root;

    /// <summary>A command and all below it.</summary>
    public static IEnumerable<Command> WithChildren(Command command) =>
        command.Subcommands.SelectMany(WithChildren).Prepend(command);

    /// <summary>What is typed after the program's name.</summary>
    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand
            ? $"{PathOf(parent)} {command.Name}"
            : command.Name;

    /// <summary>Every command but the root.</summary>
    public static IEnumerable<Command> All() => Root.Subcommands.SelectMany(WithChildren);
}
