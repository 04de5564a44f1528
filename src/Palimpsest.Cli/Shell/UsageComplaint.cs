using System.CommandLine;
using System.Text.RegularExpressions;

namespace Palimpsest.Cli;

/// <summary>What a command line that does not parse lacks or has too much.</summary>
internal static partial class UsageComplaint
{
    /// <summary>One line with the way to help.</summary>
    public static string Of(ParseResult parsed)
    {
        var complaint =
            UnknownName.Complaint(parsed)
            ?? string.Join(" ", parsed.Errors.Select(error => Plain(error.Message.ReplaceLineEndings(" "))));
        return $"{complaint} Try '{string.Join(' ', UnknownName.Path(parsed))} --help'.";
    }

    // The parser names the types of the language that the program is written in.
    private static string Plain(string message) =>
        WrongType().Replace(message, "${name}: '${value}' is not one of true, false.");

    [GeneratedRegex(
        @"Cannot parse argument '(?<value>[^']*)' for (option|command) '(?<name>[^']*)' as expected type '[^']*'\.",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex WrongType();
}
