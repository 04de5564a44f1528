using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>An option that names where a result is written; <see cref="OutputCheck"/> looks at the place before any
/// work.</summary>
internal sealed class OutputOption : Option<string?>
{
    /// <summary>An option.</summary>
    /// <param name="name">As typed.</param>
    /// <param name="description">For help.</param>
    /// <param name="kind">What is written.</param>
    /// <param name="files">Names of the files, for <see cref="OutputKind.FilesInFolder"/>.</param>
    public OutputOption(string name, string description, OutputKind kind, params IReadOnlyList<string> files)
        : base(name)
    {
        (Kind, Files) = (kind, files);
        Description = description;
        HelpName = kind switch
        {
            OutputKind.FolderOrGguf => "path",
            OutputKind.File => "file",
            _ => "folder",
        };
    }

    /// <summary>What is written.</summary>
    public OutputKind Kind { get; }

    /// <summary>Names of single files.</summary>
    public IReadOnlyList<string> Files { get; }
}
