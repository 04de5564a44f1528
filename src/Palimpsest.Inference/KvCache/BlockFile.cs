using Microsoft.Win32.SafeHandles;

namespace Palimpsest.Inference;

/// <summary>Keys and values of blocks in a file that is gone when it is closed, or when the process is.</summary>
internal sealed class BlockFile : IDisposable
{
    private readonly string _folder;
    private readonly SafeFileHandle _file;
    private readonly Stack<long> _free = [];
    private readonly int _slot;
    private long _end;

    /// <summary>An empty file.</summary>
    /// <param name="folder">Where it lies; made when it is not there.</param>
    /// <param name="slot">Bytes of the largest block.</param>
    /// <exception cref="InputException">It cannot be made.</exception>
    public BlockFile(string folder, int slot)
    {
        (_folder, _slot) = (folder, slot);
        try
        {
            Directory.CreateDirectory(folder);
            _file = File.OpenHandle(
                Path.Combine(folder, $"kv-{Environment.ProcessId}-{Guid.NewGuid():n}.tmp"),
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.None,
                FileOptions.DeleteOnClose
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: blocks cannot be written there: {error.Message}", error);
        }
    }

    /// <summary>Bytes of the file.</summary>
    public long Bytes => _end;

    /// <summary>Writes a tensor's bytes; gives their place.</summary>
    /// <exception cref="InputException">The disk is full.</exception>
    public long Write(Tensor entries)
    {
        using var scope = NewDisposeScope();
        if (!_free.TryPop(out var place))
            (place, _end) = (_end, _end + _slot);
        try
        {
            RandomAccess.Write(_file, entries.cpu().contiguous().bytes, place);
        }
        catch (IOException error)
        {
            throw new InputException($"{_folder}: blocks cannot be written there: {error.Message}", error);
        }

        return place;
    }

    /// <summary>Reads a tensor of a shape, float32; the caller disposes it.</summary>
    public Tensor Read(long place, long[] shape)
    {
        var entries = empty(shape);
        var bytes = entries.bytes;
        for (var read = 0; read < bytes.Length; )
        {
            var count = RandomAccess.Read(_file, bytes[read..], place + read);
            if (count == 0)
                throw new InputException($"{_folder}: a file of blocks has lost some of them.");
            read += count;
        }

        return entries;
    }

    /// <summary>Overwrites a place with zeros; it is written again.</summary>
    public void Free(long place)
    {
        RandomAccess.Write(_file, new byte[_slot], place);
        _free.Push(place);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
