using System.IO.MemoryMappedFiles;

namespace Palimpsest.Checkpoints;

/// <summary>
/// A GGUF file, versions 2 and 3, little-endian: memory-mapped, and read as hostile input. Every count, length and
/// offset is
/// checked before anything is allocated.
/// </summary>
public sealed unsafe class GgufFile : IDisposable
{
    private const int LargestHeader = 1 << 30;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Dictionary<string, GgufTensor> _byName;
    private readonly byte* _start;

    private GgufFile(string path, MemoryMappedFile file, MemoryMappedViewAccessor view, byte* start, long length)
    {
        (Path, _file, _view) = (path, file, view);
        _start = start;
        var header = new ReadOnlySpan<byte>(start, (int)Math.Min(length, LargestHeader));
        (Metadata, Tensors) = GgufHeaderReader.Read(path, header, length);
        _byName = Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Keys and values.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors, in the order of their data.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="InputException">The file cannot be read, or its header is malformed, beyond the limits or of a
    /// kind that is not read.</exception>
    public static GgufFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
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

    /// <summary>Writes a file of version 3 under a temporary name, flushes and renames.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Keys and values in order: numbers, truth values, strings, arrays of them, <c>object[]</c>
    /// of arrays.</param>
    /// <param name="tensors">Tensors in the order of their data; one at a time is in memory.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops between tensors; nothing is left behind.</param>
    /// <exception cref="InputException">The file cannot be written, or values do not fit their type.</exception>
    /// <exception cref="ArgumentException">A type cannot be written, or a shape does not fit it.</exception>
    public static void Write(
        string path,
        IReadOnlyList<KeyValuePair<string, object>> metadata,
        IReadOnlyList<GgufTensorSource> tensors,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(tensors);
        GgufWriter.Write(path, metadata, tensors, progress, cancellationToken);
    }

    /// <summary>The tensor of a name, or null.</summary>
    public GgufTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The stored bytes of rows; valid until the file is disposed.</summary>
    /// <param name="tensor">A tensor of this file.</param>
    /// <param name="start">First byte, counted from the tensor's first.</param>
    /// <param name="count">Number of bytes.</param>
    public ReadOnlySpan<byte> Bytes(GgufTensor tensor, long start, int count)
    {
        if (start < 0 || count < 0 || start + count > tensor.ByteCount)
            throw new ArgumentOutOfRangeException(
                nameof(start),
                start,
                $"Tensor '{tensor.Name}' has {tensor.ByteCount} bytes."
            );
        return new(_start + tensor.Start + start, count);
    }

    /// <summary>A tensor's values as float32 in its shape; the caller disposes it.</summary>
    /// <remarks>Blocks are decoded in parallel.</remarks>
    /// <exception cref="InputException">There is no such tensor.</exception>
    public Tensor Read(string name)
    {
        var tensor = Find(name) ?? throw new InputException($"{Path}: tensor '{name}' is missing.");
        var result = empty([.. tensor.Shape], dtype: ScalarType.Float32);
        try
        {
            using var scope = NewDisposeScope();
            var flat = result.view(-1);
            var layout = GgufLayout.Of(tensor.Type);
            var blocks = tensor.ByteCount / layout.Bytes;
            // The values of a big tensor exceed what one span can hold.
            const long Slice = 1 << 20;
            for (long first = 0; first < blocks; first += Slice)
            {
                var count = Math.Min(Slice, blocks - first);
                fixed (byte* values = flat.narrow(0, first * layout.Values, count * layout.Values).bytes)
                    GgufDecoder.Decode(
                        layout,
                        _start + tensor.Start + first * layout.Bytes,
                        (float*)values,
                        (int)count
                    );
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>True when two tensors hold the same bytes in the same type and shape.</summary>
    public bool AreEqual(GgufTensor left, GgufTensor right)
    {
        if (left.Type != right.Type || !left.Shape.SequenceEqual(right.Shape))
            return false;
        const int Slice = 1 << 24;
        for (long start = 0; start < left.ByteCount; start += Slice)
        {
            var count = (int)Math.Min(Slice, left.ByteCount - start);
            if (!Bytes(left, start, count).SequenceEqual(Bytes(right, start, count)))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
