using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>Says what a mistyped command or option probably meant.</summary>
internal static class UnknownName
{
    /// <summary>The complaint about the first word that the command line does not know; null when it knows every
    /// one.</summary>
    public static string? Complaint(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var place = string.Join(' ', Path(parsed));
        var unknown = parsed.UnmatchedTokens is [var first, ..] ? first : null;
        if (unknown is not null && unknown.StartsWith('-'))
            return Complain(
                place,
                unknown,
                "option",
                [.. Options(parsed).Where(command.Lists).Select(o => o.Name)],
                listAll: false
            );
        var known = command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name).ToArray();
        if (known.Length == 0)
            return unknown is null ? null : $"{place}: '{unknown}' is one word too many.";
        return unknown is null
            ? $"{place}: one of these is needed: {string.Join(", ", known)}."
            : Complain(place, unknown, "command", known, listAll: true);
    }

    /// <summary>The words from the program's name to the command.</summary>
    public static IEnumerable<string> Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (
            System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult;
            at is System.CommandLine.Parsing.CommandResult result;
            at = result.Parent
        )
            names.Push(result.Command is RootCommand ? "palimpsest" : result.Command.Name);
        return names;
    }

    private static IEnumerable<Option> Options(ParseResult parsed) =>
        parsed
            .CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(o => o.Recursive))
            .Distinct();

    private static string Complain(string place, string unknown, string kind, string[] known, bool listAll)
    {
        var near = NearestName.Of(unknown, known) is { } name ? $"; did you mean '{name}'?" : ".";
        return $"{place}: '{unknown}' is no {kind}{near}" + (listAll ? $" There are: {string.Join(", ", known)}." : "");
    }
}
