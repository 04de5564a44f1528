namespace Palimpsest.Foundation;

/// <summary>Writes folders of several files: whole, or not at all.</summary>
public static class AtomicFolder
{
    private const string Ending = ".tmp";

    /// <summary>Writes into a temporary folder beside the target, then puts its files in place.</summary>
    /// <remarks>A target that is not there appears in one step. In one that is there, each file is replaced in one
    /// step.</remarks>
    /// <param name="folder">The target; made when it is not there.</param>
    /// <param name="write">Writes below the folder that it is given.</param>
    /// <param name="owned">Patterns of file names: what the target has of them and is not written again is
    /// deleted.</param>
    /// <exception cref="InputException">The disk is full or the folder cannot be written; the target is as it
    /// was.</exception>
    public static void Write(string folder, Action<string> write, params IReadOnlyList<string> owned) =>
        Write(folder, write, (temporary, target) => Replace(temporary, target, owned));

    /// <summary>Writes a folder in the place of the one that is there, of which nothing stays.</summary>
    /// <param name="folder">The target; made when it is not there.</param>
    /// <param name="write">Writes below the folder that it is given.</param>
    /// <exception cref="InputException">The disk is full or the folder cannot be written; the target is as it
    /// was.</exception>
    public static void WriteWhole(string folder, Action<string> write) => Write(folder, write, Swap);

    private static void Write(string folder, Action<string> write, Action<string, string> replace)
    {
        ArgumentNullException.ThrowIfNull(write);
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var temporary = $"{target}.{Environment.ProcessId}.{Guid.NewGuid():n}{Ending}";
        try
        {
            Directory.CreateDirectory(temporary);
            write(temporary);
            if (Directory.Exists(target))
                replace(temporary, target);
            else
                Directory.Move(temporary, target);
        }
        catch (InputException error) when (error.Message.Contains(temporary, StringComparison.Ordinal))
        {
            throw new InputException(error.Message.Replace(temporary, target, StringComparison.Ordinal), error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: cannot be written: {error.Message}", error);
        }
        finally
        {
            Delete(temporary);
        }
    }

    /// <summary>Removes what processes that were killed while writing have left in <paramref name="parent"/>.</summary>
    /// <remarks>The caller makes sure that nobody is writing there now.</remarks>
    public static void RemoveLeftovers(string parent)
    {
        foreach (var leftover in Directory.Exists(parent) ? Directory.GetDirectories(parent, "*" + Ending) : [])
            Delete(leftover);
    }

    private static void Replace(string source, string target, IReadOnlyList<string> owned)
    {
        var stale = owned
            .SelectMany(pattern => Directory.GetFiles(target, pattern))
            .Select(Path.GetFileName)
            .Except(Directory.GetFiles(source).Select(Path.GetFileName))
            .ToArray();
        foreach (
            var file in Directory
                .EnumerateFiles(source, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .ToArray()
        )
        {
            var place = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Move(file, place, overwrite: true);
        }

        foreach (var name in stale)
            File.Delete(Path.Combine(target, name!));
    }

    private static void Swap(string source, string target)
    {
        var old = $"{source}.old{Ending}";
        Directory.Move(target, old);
        try
        {
            Directory.Move(source, target);
        }
        catch
        {
            Directory.Move(old, target);
            throw;
        }

        Delete(old);
    }

    private static void Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { }
    }
}
