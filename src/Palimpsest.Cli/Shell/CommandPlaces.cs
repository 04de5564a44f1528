using System.CommandLine;
using System.CommandLine.Parsing;

namespace Palimpsest.Cli;

/// <summary>The files and folders that a command line names: what is read, and where results go.</summary>
internal static class CommandPlaces
{
    private static readonly string[] Kinds = ["model", "folder", "file", "path"];

    private static readonly string[] ReadWhenThere = ["--probes"];
    private static readonly string[] Own = ["--run", .. ReadWhenThere];

    /// <summary>True for an option whose value is a path.</summary>
    public static bool IsPlace(Option option) => option is OutputOption || Kinds.Contains(option.HelpName);

    /// <summary>Models, adapters and data that are read, given ones alone.</summary>
    public static IReadOnlyList<NamedPlace> Inputs(ParseResult parsed) => Read(parsed, Own);

    /// <summary>The same with files that are read when they are there.</summary>
    public static IReadOnlyList<NamedPlace> Recorded(ParseResult parsed) =>
        Read(parsed, [.. Own.Except(ReadWhenThere), Verbs.AuditRecord.SignKey]);

    private static IReadOnlyList<NamedPlace> Read(ParseResult parsed, IEnumerable<string> except)
    {
        var command = parsed.CommandResult.Command;
        return
        [
            .. command.Arguments.Where(a => a is IPlaceArgument).SelectMany(a => Places(a, parsed.GetResult(a))),
            .. command
                .Options.Where(o => o is not OutputOption && IsPlace(o) && !except.Contains(o.Name))
                .SelectMany(o => Places(o, parsed.GetResult(o))),
        ];
    }

    /// <summary>Where results go, given ones alone.</summary>
    public static IReadOnlyList<(OutputOption Option, NamedPlace Place)> Outputs(ParseResult parsed) =>
        [
            .. parsed
                .CommandResult.Command.Options.OfType<OutputOption>()
                .SelectMany(o => Places(o, parsed.GetResult(o)).Select(place => (o, place))),
        ];

    /// <summary>Refuses a command line that names something to read that is not there.</summary>
    /// <exception cref="InputException">It does; the message has option and path.</exception>
    public static void RequireInputs(ParseResult parsed)
    {
        foreach (var option in parsed.CommandResult.Command.Options.Where(IsPlace))
        {
            if (parsed.GetResult(option)?.Tokens.Any(token => token.Value.Length == 0) == true)
                throw new InputException($"{option.Name}: is empty; needed is a path.");
        }

        foreach (var place in Inputs(parsed))
        {
            if (!File.Exists(place.Path) && !Directory.Exists(place.Path))
                throw new InputException($"{place.Name}: {place.Path}: does not exist; needed is {Needed(place)}.");
        }
    }

    private static string Needed(NamedPlace place)
    {
        if (place.IsModel)
            return "a Hugging Face model folder or a GGUF file";
        return (place.Symbol as Option)?.HelpName is "folder" ? "a folder" : "a file";
    }

    private static IEnumerable<NamedPlace> Places(Symbol symbol, SymbolResult? result) =>
        result?.Tokens.Select(token => new NamedPlace(symbol, token.Value)) ?? [];
}
