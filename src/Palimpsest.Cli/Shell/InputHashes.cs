using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Palimpsest.Cli;

/// <summary>SHA-256 of the models, adapters and data that a command line names; each is read once for all who
/// ask.</summary>
internal sealed class InputHashes
{
    private static readonly ConditionalWeakTable<ParseResult, InputHashes> Made = [];

    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<FileHash>> _folders = new(StringComparer.Ordinal);

    /// <summary>The hashes of one command line.</summary>
    public static InputHashes For(ParseResult parsed) => Made.GetValue(parsed, _ => new());

    /// <summary>The hash of a file, or of a folder's manifest.</summary>
    /// <exception cref="InputException">A file cannot be read.</exception>
    public string Of(string path) =>
        Directory.Exists(path) ? ContentHash.OfText(ContentHash.Text(OfFolder(path))) : OfFile(path);

    /// <summary>The hash of a file.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public string OfFile(string path)
    {
        var full = Path.GetFullPath(path);
        if (!_files.TryGetValue(full, out var hash))
            _files[full] = hash = ContentHash.OfFile(full);
        return hash;
    }

    /// <summary>The manifest of a folder.</summary>
    /// <exception cref="InputException">A file cannot be read.</exception>
    public IReadOnlyList<FileHash> OfFolder(string path)
    {
        var full = Path.GetFullPath(path);
        if (!_folders.TryGetValue(full, out var manifest))
            _folders[full] = manifest = ContentHash.Manifest(full);
        return manifest;
    }
}
