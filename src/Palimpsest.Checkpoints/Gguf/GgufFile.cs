namespace Palimpsest.Checkpoints;

/// <summary>
/// A GGUF file, versions 2 and 3, little-endian, perhaps split: memory-mapped, and read as hostile input. Every count,
/// length and offset is checked before anything is allocated.
/// </summary>
public sealed unsafe class GgufFile : IDisposable
{
    private readonly IReadOnlyList<GgufPart> _parts;
    private readonly Dictionary<string, (GgufTensor Tensor, GgufPart Part)> _byName = new(StringComparer.Ordinal);
    private int _users = 1;
    private int _isDisposed;

    private GgufFile(string path, IReadOnlyList<GgufPart> parts)
    {
        (Path, _parts, Metadata) = (path, parts, parts[0].Metadata);
        Tensors = [.. parts.SelectMany(part => part.Tensors)];
        foreach (var part in parts)
        {
            foreach (var tensor in part.Tensors)
            {
                if (!_byName.TryAdd(tensor.Name, (tensor, part)))
                    throw new InputException(
                        $"{part.Path}: tensor {JsonField.Shown(tensor.Name)} is in another part of the file too."
                    );
            }
        }
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The paths of all parts of a file that is split, in their order; of one that is not, its own.</summary>
    public IReadOnlyList<string> Paths => [.. _parts.Select(part => part.Path)];

    /// <summary>Keys and values; of a split file those of the first part.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors, in the order of their data.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>Maps a file and checks its header; any part of a split file stands for the whole.</summary>
    /// <exception cref="InputException">The file or a part of it is missing or cannot be read, or its header is
    /// malformed, beyond the limits or of a kind that is not read.</exception>
    public static GgufFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = GgufSplit.Open(path);
        try
        {
            return new(path, parts);
        }
        catch
        {
            foreach (var part in parts)
                part.Dispose();
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

    /// <summary>Number of tensors in one part, by its path.</summary>
    internal int TensorCount(string part) => _parts.First(p => p.Path == part).Tensors.Count;

    /// <summary>The tensor of a name, or null.</summary>
    public GgufTensor? Find(string name) => _byName.GetValueOrDefault(name).Tensor;

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
        return new((byte*)StartOf(tensor) + start, count);
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
                        (byte*)StartOf(tensor) + first * layout.Bytes,
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

    /// <summary>Whether the file is still mapped.</summary>
    internal bool IsMapped => Volatile.Read(ref _users) > 0;

    /// <summary>Keeps the file mapped until <see cref="Release"/>, though it may be disposed before.</summary>
    internal GgufFile Share()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    /// <summary>Ends a <see cref="Share"/>.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        foreach (var part in _parts)
            part.Dispose();
    }

    /// <inheritdoc/>
    /// <remarks>A model that holds the file's codes keeps it mapped.</remarks>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            Release();
    }

    /// <summary>The address of a tensor's first byte; valid as long as the file is mapped.</summary>
    internal nint StartOf(GgufTensor tensor) => (nint)(_byName[tensor.Name].Part.Start + tensor.Start);
}
