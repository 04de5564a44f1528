using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>Tells options that were typed from those that have their defaults.</summary>
internal static class GivenOptions
{
    /// <summary>True when the option was typed.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) =>
        parsed.GetResult(option) is { Implicit: false };

    /// <summary>Refuses options that were typed although they have no effect.</summary>
    /// <exception cref="InputException">One was typed; the message has the first and the reason.</exception>
    public static void Refuse(ParseResult parsed, string reason, params IReadOnlyList<Option> options)
    {
        if (options.FirstOrDefault(parsed.IsGiven) is { } given)
            throw new InputException($"{given.Name}: has no effect here: {reason}; leave it out.");
    }
}
