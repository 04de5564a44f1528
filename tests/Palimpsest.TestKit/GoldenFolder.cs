namespace Palimpsest.TestKit;

/// <summary>The one place that knows where reference values lie.</summary>
public static class GoldenFolder
{
    /// <summary>
    /// <c>PALIMPSEST_GOLDEN</c> if set, else <c>../shared/golden</c> beside the repository, else the small copies in
    /// <c>tests/golden</c>.
    /// </summary>
    public static string Root { get; } = Find();

    /// <summary>The path of an entry, or null when this folder does not have it.</summary>
    public static string? TryGet(params string[] parts)
    {
        var path = Path.Combine([Root, .. parts]);
        return File.Exists(path) || Directory.Exists(path) ? path : null;
    }

    /// <summary>The path of a real model, in the folder <c>models</c> beside the reference values; null when it is not
    /// there.</summary>
    public static string? TryGetModel(string name)
    {
        var path = Path.GetFullPath(Path.Combine(Root, "..", "models", name));
        return File.Exists(path) || Directory.Exists(path) ? path : null;
    }

    /// <summary>The path of an entry of <c>tests/golden</c>, whatever else there is.</summary>
    public static string Shipped(params string[] parts) => Path.Combine([Repository, "tests", "golden", .. parts]);

    /// <summary>Names of the folders below <paramref name="parts"/>, sorted; empty when there is none.</summary>
    public static IReadOnlyList<string> Folders(params string[] parts)
    {
        var path = Path.Combine([Root, .. parts]);
        return Directory.Exists(path)
            ? [.. Directory.GetDirectories(path).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>The repository's root: the folder that holds <c>Palimpsest.slnx</c>.</summary>
    public static string Repository { get; } = FindRepository();

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("PALIMPSEST_GOLDEN") is { Length: > 0 } named)
            return Directory.Exists(named)
                ? named
                : throw new DirectoryNotFoundException($"PALIMPSEST_GOLDEN: folder '{named}' does not exist.");
        var shared = Path.Combine(FindRepository(), "..", "shared", "golden");
        return Directory.Exists(shared) ? Path.GetFullPath(shared) : Path.Combine(FindRepository(), "tests", "golden");
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Palimpsest.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Palimpsest.slnx above '{AppContext.BaseDirectory}'.");
    }
}
