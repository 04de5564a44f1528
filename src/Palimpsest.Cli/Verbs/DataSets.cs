using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary>The options <c>--forget</c>, <c>--retain</c> and <c>--holdout</c> of the verbs on data.</summary>
internal sealed class DataSets
{
    private readonly (string Name, FactScope? Scope, Option<string?> Option)[] _sets;

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">Gets the options.</param>
    /// <param name="content">What the files hold, for help.</param>
    public DataSets(Command command, string content)
    {
        _sets =
        [
            ("forget", FactScope.Forget, New("forget", $"{content}: what is to be forgotten.")),
            ("retain", FactScope.Retain, New("retain", $"{content}: what is to be kept.")),
            ("holdout", null, New("holdout", $"{content}: what no model saw.")),
        ];
        command.With([.. _sets.Select(set => set.Option)]);
    }

    /// <summary>The path of a set; null when it was not given.</summary>
    public string? Path(ParseResult parsed, string name) =>
        parsed.GetValue(_sets.Single(set => set.Name == name).Option);

    /// <summary>The sets that were given, with their names and scopes.</summary>
    /// <exception cref="InputException">None was.</exception>
    public IReadOnlyList<(string Name, FactScope? Scope, string Path)> Given(ParseResult parsed)
    {
        (string, FactScope?, string)[] given =
        [
            .. _sets
                .Where(set => parsed.GetValue(set.Option) is not null)
                .Select(set => (set.Name, set.Scope, parsed.GetValue(set.Option)!)),
        ];
        return given.Length > 0
            ? given
            : throw new InputException("There is nothing to read; give --forget, --retain or --holdout.");
    }

    private static Option<string?> New(string name, string description) =>
        CommonOptions.Optional($"--{name}", description, "file");
}
