using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Palimpsest.Cli;

/// <summary>A command's help, and below it an example.</summary>
/// <param name="help">Writes everything else.</param>
internal sealed class HelpWithExample(HelpAction help) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        var code = HelpOmissions.WithoutOmitted(command, () => help.Invoke(parseResult));
        if (HelpExamples.ExampleOf(command) is { } example)
            parseResult.InvocationConfiguration.Output.WriteLine(
                $"Example:{Environment.NewLine}  palimpsest {example}{Environment.NewLine}"
            );
        return code;
    }
}
