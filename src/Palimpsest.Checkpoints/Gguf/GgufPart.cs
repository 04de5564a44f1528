using System.IO.MemoryMappedFiles;

namespace Palimpsest.Checkpoints;

/// <summary>One file of a GGUF model, memory-mapped, its header checked.</summary>
internal sealed unsafe class GgufPart : IDisposable
{
    private const int LargestHeader = 1 << 30;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private GgufPart(string path, MemoryMappedFile file, MemoryMappedViewAccessor view, byte* start, long length)
    {
        (Path, _file, _view) = (path, file, view);
        Start = start;
        var header = new ReadOnlySpan<byte>(start, (int)Math.Min(length, LargestHeader));
        (Metadata, Tensors) = GgufHeaderReader.Read(path, header, length);
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>The first byte; valid until it is disposed.</summary>
    public byte* Start { get; }

    /// <summary>Keys and values.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors, in the order of their data.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>Maps a file.</summary>
    /// <exception cref="InputException">It cannot be read, or its header is malformed.</exception>
    public static GgufPart Open(string path)
    {
        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        byte* start = null;
        try
        {
            var length = new FileInfo(path).Length;
            if (length < 24)
                throw new InputException($"{path}: {length} bytes; a GGUF file has at least 24.");
            file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return new(path, file, view, start, length);
        }
        catch (Exception error)
        {
            if (start is not null)
                view!.SafeMemoryMappedViewHandle.ReleasePointer();
            view?.Dispose();
            file?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
                throw new InputException($"{path}: cannot be read: {error.Message.ReplaceLineEndings(" ")}", error);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
