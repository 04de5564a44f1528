using System.CommandLine;

namespace Palimpsest.Cli.Verbs;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    public static Option<string?> Optional(string name, string description, string help = "folder") =>
        new(name) { Description = description, HelpName = help };

    public static Option<string> Required(string name, string description, string help = "file") =>
        new(name)
        {
            Description = description,
            HelpName = help,
            Required = true,
        };

    /// <summary>Where the result goes; it is looked at before any work.</summary>
    public static OutputOption Out(string description, OutputKind kind = OutputKind.Folder) =>
        new("--out", description, kind) { Required = true };

    /// <summary>A page that is written beside the result.</summary>
    public static OutputOption Docs(string description) => new("--docs", description, OutputKind.File);

    /// <summary>Where the workbench keeps its models.</summary>
    public static OutputOption Cache() =>
        new("--cache", "Where trained models are kept. Default: the user's cache folder.", OutputKind.KeptFolder);

    public static Option<string?> Run { get; } =
        Optional("--run", "The folder of this run; an existing one is resumed. Default: runs/<time>-<verb>.");

    /// <summary>Adds options to a command.</summary>
    public static Command With(this Command command, params Option[] options)
    {
        foreach (var option in options)
            command.Add(option);
        return command;
    }
}
