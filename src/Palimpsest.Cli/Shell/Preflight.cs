using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>What is checked of every command line before its verb does anything.</summary>
internal static class Preflight
{
    /// <summary>Inputs are there and those of a resumed run, results have a free and writable
    /// place, models fit the memory that is free, and an adapter is of its model.</summary>
    /// <exception cref="InputException">Something is not so.</exception>
    public static void Check(ParseResult parsed)
    {
        CommandPlaces.RequireInputs(parsed);
        if (parsed.GetValue(Verbs.CommonOptions.Run) is { } run)
            RunFolder.RequireSame(run, parsed);
        OutputCheck.Require(parsed);
        AdapterCheck.Require(parsed);
        MemoryCheck.RequireLoading(parsed);
    }
}
