using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    public static Option<string> Model(string name = "--model", string description = "A Hugging Face model folder or a GGUF file.") =>
        new(name) { Description = description, Required = true, HelpName = "model" };

    public static Option<string?> Optional(string name, string description, string help = "folder") => new(name) { Description = description, HelpName = help };

    public static Option<string> Required(string name, string description, string help = "file") =>
        new(name) { Description = description, HelpName = help, Required = true };

    public static Option<string?> Run { get; } = Optional("--run", "The folder of this run; an existing one is resumed. Default: runs/<time>-<verb>.");

    /// <summary>Adds options to a command.</summary>
    public static Command With(this Command command, params Option[] options)
    {
        foreach (var option in options)
            command.Add(option);
        return command;
    }

    /// <summary>Every option that was given, under its name, for config.json.</summary>
    public static Dictionary<string, object?> Given(ParseResult parsed) => parsed.CommandResult.Command.Options
        .Where(option => parsed.GetResult(option) is { Implicit: false } && option.Name is not "--run" and not "--json")
        .ToDictionary(option => option.Name, option => (object?)string.Join(' ', parsed.GetResult(option)!.Tokens.Select(token => token.Value)));
}
