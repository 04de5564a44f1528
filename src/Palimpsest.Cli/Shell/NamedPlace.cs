using System.CommandLine;

namespace Palimpsest.Cli;

/// <summary>A file or folder that a command line names.</summary>
/// <param name="Symbol">The option or argument.</param>
/// <param name="Path">As it was typed.</param>
internal sealed record NamedPlace(Symbol Symbol, string Path)
{
    /// <summary>The option's or argument's name.</summary>
    public string Name => Symbol.Name;

    /// <summary>The absolute path with links resolved, without an ending separator.</summary>
    public string RealPath => RealPathOf(Path);

    /// <summary>True for a model, an adapter or a data folder: what a result must not be written into.</summary>
    public bool IsModel => Symbol is IPlaceArgument || Symbol is Option { HelpName: "model" };

    /// <summary>True when this place lies below another.</summary>
    public bool IsWithin(NamedPlace other) =>
        RealPath.StartsWith(
            System.IO.Path.EndsInDirectorySeparator(other.RealPath)
                ? other.RealPath
                : other.RealPath + System.IO.Path.DirectorySeparatorChar,
            Comparison
        );

    /// <summary>True when both are the same place.</summary>
    public bool IsSame(NamedPlace other) => string.Equals(RealPath, other.RealPath, Comparison);

    /// <summary>How paths are compared on this system.</summary>
    public static StringComparison Comparison { get; } =
        OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>An absolute path with links resolved, as far as it exists.</summary>
    public static string RealPathOf(string path)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (System.IO.Path.GetDirectoryName(full) is not { } parent)
            return full;
        var place = System.IO.Path.Combine(RealPathOf(parent), System.IO.Path.GetFileName(full));
        FileSystemInfo entry = Directory.Exists(place) ? new DirectoryInfo(place) : new FileInfo(place);
        try
        {
            return entry.ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPathOf(target.FullName) : place;
        }
        catch (IOException)
        {
            return place;
        }
    }
}
