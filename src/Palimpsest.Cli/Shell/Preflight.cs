using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>What is checked of every command line before its verb does anything.</summary>
internal static class Preflight
{
    /// <summary>Inputs are there, results have a free and writable place, models fit the memory that is free, and an
    /// adapter is of its model.</summary>
    /// <exception cref="InputException">Something is not so.</exception>
    public static void Check(ParseResult parsed)
    {
        CommandPlaces.RequireInputs(parsed);
        OutputCheck.Require(parsed);
        AdapterCheck.Require(parsed);
        MemoryCheck.RequireLoading(parsed);
    }
}
