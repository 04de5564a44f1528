namespace Palimpsest.Foundation;

/// <summary>Keeps a second process out of a folder; the system frees it when the process ends, however it
/// ends.</summary>
public sealed class LockFile : IDisposable
{
    private readonly FileStream _stream;

    private LockFile(FileStream stream) => _stream = stream;

    /// <summary>Takes the folder's lock at once.</summary>
    /// <exception cref="InputException">Another process holds it, or the folder cannot be written.</exception>
    public static LockFile Take(string folder) =>
        TryTake(folder) ?? throw new InputException($"{folder}: is in use by another process.");

    /// <summary>Takes the folder's lock, waiting until it is free.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static async Task<LockFile> WaitAsync(string folder, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(folder) is { } taken)
                return taken;
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static LockFile? TryTake(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new(
                new FileStream(
                    Path.Combine(folder, ".lock"),
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None
                )
            );
        }
        catch (UnauthorizedAccessException error)
        {
            throw new InputException($"{folder}: cannot be written: {error.Message}", error);
        }
        catch (IOException error)
        {
            return IsHeld(error)
                ? null
                : throw new InputException($"{folder}: cannot be written: {error.Message}", error);
        }
    }

    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private static bool IsHeld(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);
}
