using System.Security.Cryptography;
using System.Text;

namespace Palimpsest.Foundation;

/// <summary>SHA-256 of files, folders and texts, in lower-case hexadecimal: the one place that computes them.</summary>
/// <remarks>
/// A file's hash is that of its bytes, as <c>sha256sum</c> prints it. A folder's is the hash of its
/// <see cref="Manifest"/>, so that anyone can check it without this program:
/// <c>find -L . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum</c>, run in the folder.
/// </remarks>
public static class ContentHash
{
    /// <summary>The hash of a file, or of a folder's manifest.</summary>
    /// <exception cref="InputException">There is neither, or a file cannot be read.</exception>
    public static string Of(string path) => Directory.Exists(path) ? OfText(Text(Manifest(path))) : OfFile(path);

    /// <summary>The hash of a file's bytes.</summary>
    /// <exception cref="InputException">It is missing or cannot be read.</exception>
    public static string OfFile(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: there is no such file or folder.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The hash of a text in UTF-8.</summary>
    public static string OfText(string text) => OfBytes(Encoding.UTF8.GetBytes(text));

    /// <summary>The hash of bytes.</summary>
    public static string OfBytes(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Every file of a folder and of those below it, in the order of the relative names' UTF-8
    /// bytes.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="pattern">Which file names are listed; all by default.</param>
    /// <exception cref="InputException">The folder is missing, or a file cannot be read.</exception>
    public static IReadOnlyList<FileHash> Manifest(string folder, string pattern = "*")
    {
        if (!Directory.Exists(folder))
            throw new InputException($"{folder}: there is no such folder.");
        try
        {
            return InOrder(
                Directory
                    .EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
                    .Select(path => new FileHash(Relative(folder, path), OfFile(path)))
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The order that a manifest has, whatever the order of listing.</summary>
    public static IReadOnlyList<FileHash> InOrder(IEnumerable<FileHash> files) =>
        [.. files.OrderBy(file => Encoding.UTF8.GetBytes(file.Name), Comparer<byte[]>.Create(Compare))];

    /// <summary>A manifest as <c>sha256sum</c> prints it, one line per file.</summary>
    public static string Text(IEnumerable<FileHash> manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return string.Concat(manifest.Select(file => $"{file}\n"));
    }

    private static string Relative(string folder, string path) =>
        Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');

    private static int Compare(byte[]? first, byte[]? second) => first.AsSpan().SequenceCompareTo(second);
}
