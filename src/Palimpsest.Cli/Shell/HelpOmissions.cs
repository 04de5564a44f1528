using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Palimpsest.Cli;

/// <summary>Options that a command has for the sake of a message: it refuses them whatever their value, and help does
/// not list them.</summary>
internal static class HelpOmissions
{
    private static readonly ConditionalWeakTable<Command, List<Option>> Omitted = [];

    /// <summary>Leaves options out of a command's help.</summary>
    public static void OmitFromHelp(this Command command, params IReadOnlyList<Option> options) =>
        Omitted.GetOrCreateValue(command).AddRange(options);

    /// <summary>True when help lists the option.</summary>
    public static bool Lists(this Command command, Option option) =>
        !option.Hidden && !(Omitted.TryGetValue(command, out var omitted) && omitted.Contains(option));

    /// <summary>Does something while what the command omits is hidden.</summary>
    public static T WithoutOmitted<T>(Command command, Func<T> work)
    {
        var hidden = Omitted.TryGetValue(command, out var omitted) ? omitted.Where(o => !o.Hidden).ToArray() : [];
        try
        {
            foreach (var option in hidden)
                option.Hidden = true;
            return work();
        }
        finally
        {
            foreach (var option in hidden)
                option.Hidden = false;
        }
    }
}
