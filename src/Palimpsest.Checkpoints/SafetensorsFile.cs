using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Palimpsest.Checkpoints;

/// <summary>A safetensors file, read as hostile input: every size and offset is checked before anything is
/// allocated.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int MaxHeaderBytes = 100_000_000;
    private const int ChunkBytes = 1 << 20;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly long _dataStart;
    private readonly Dictionary<string, SafetensorsEntry> _entries;

    private SafetensorsFile(
        SafeFileHandle file,
        string path,
        long dataStart,
        Dictionary<string, SafetensorsEntry> entries,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        (_file, _path, _dataStart, _entries, Metadata) = (file, path, dataStart, entries, metadata);
        Names =
        [
            .. entries.Values.OrderBy(e => e.Start).ThenBy(e => e.Name, StringComparer.Ordinal).Select(e => e.Name),
        ];
    }

    /// <summary>The tensors' names, in the order of their data.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="InputException">The header is not valid.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }

        try
        {
            var size = RandomAccess.GetLength(file);
            if (size < 8)
                throw new InputException($"{path}: {size} bytes; a safetensors file has at least 8.");
            Span<byte> prefix = stackalloc byte[8];
            Fill(file, prefix, 0);
            var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (length > MaxHeaderBytes || (long)length > size - 8)
            {
                throw new InputException(
                    $"{path}: header length {length} must be <= {Math.Min(MaxHeaderBytes, size - 8)} (file of {size} "
                        + $"bytes)."
                );
            }

            var header = new byte[length];
            Fill(file, header, 8);
            var dataStart = 8 + (long)length;
            var (entries, metadata) = SafetensorsHeader.Parse(header, size - dataStart, path);
            return new(file, path, dataStart, entries, metadata);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            file.Dispose();
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>True when there is a tensor of that name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>Shape of a tensor.</summary>
    /// <exception cref="InputException">There is no such tensor.</exception>
    public IReadOnlyList<long> Shape(string name) => Entry(name).Shape;

    /// <summary>Type of a tensor.</summary>
    /// <exception cref="InputException">There is no such tensor.</exception>
    public ScalarType Type(string name) => Entry(name).Type;

    /// <summary>Bytes of a tensor.</summary>
    /// <exception cref="InputException">There is no such tensor.</exception>
    public long ByteCount(string name) => Entry(name).End - Entry(name).Start;

    /// <summary>Reads a tensor in its own type; the caller disposes it.</summary>
    /// <exception cref="InputException">There is no such tensor, or the file ends early.</exception>
    public Tensor Read(string name)
    {
        var entry = Entry(name);
        var result = empty([.. entry.Shape], dtype: entry.Type);
        try
        {
            ReadFlat(entry, result, entry.Start);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor into <paramref name="target"/>, converted to its type; takes memory for one chunk of
    /// rows.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="target">A tensor or view of the same shape, of any type, on any device.</param>
    /// <exception cref="InputException">There is no such tensor, or the file ends early.</exception>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void ReadInto(string name, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var entry = Entry(name);
        if (!target.shape.SequenceEqual(entry.Shape))
            throw new ArgumentException(
                $"The target is [{string.Join(", ", target.shape)}], tensor '{name}' "
                    + $"[{string.Join(", ", entry.Shape)}].",
                nameof(target)
            );
        if (entry.End == entry.Start)
            return;
        if (target.dtype == entry.Type && target.device_type == DeviceType.CPU && target.is_contiguous())
        {
            ReadFlat(entry, target, entry.Start);
            return;
        }

        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var rows = entry.Shape.Length == 0 ? target.view(1) : target;
        var rowBytes = (entry.End - entry.Start) / rows.shape[0];
        var atOnce = Math.Clamp(ChunkBytes / rowBytes, 1, rows.shape[0]);
        var buffer = empty([atOnce, .. rows.shape[1..]], dtype: entry.Type);
        for (long row = 0; row < rows.shape[0]; row += atOnce)
        {
            using var step = NewDisposeScope();
            var part = buffer.narrow(0, 0, Math.Min(atOnce, rows.shape[0] - row));
            ReadFlat(entry, part, entry.Start + row * rowBytes);
            rows.narrow(0, row, part.shape[0]).copy_(part);
        }
    }

    /// <summary>Writes tensors under a temporary name, flushes and renames.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Names and values; written in this order, in their own types.</param>
    /// <param name="metadata">Entries of <c>__metadata__</c>.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IReadOnlyList<(string Name, Tensor Value)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        var values = tensors.ToDictionary(t => t.Name, t => t.Value, StringComparer.Ordinal);
        Write(
            path,
            [.. tensors.Select(t => new TensorSpec(t.Name, t.Value.dtype, t.Value.shape))],
            spec => values[spec.Name],
            metadata
        );
    }

    /// <summary>Writes tensors that are made one at a time, so that no two of them need to be in memory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">What will be written, in this order.</param>
    /// <param name="value">Gives a tensor when its turn comes; called within a dispose scope.</param>
    /// <param name="metadata">Entries of <c>__metadata__</c>.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IReadOnlyList<TensorSpec> tensors,
        Func<TensorSpec, Tensor> value,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        ArgumentNullException.ThrowIfNull(value);
        var header = SafetensorsHeader.Format(tensors, metadata);
        AtomicFile.Write(
            path,
            stream =>
            {
                Span<byte> length = stackalloc byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
                stream.Write(length);
                stream.Write(header);
                foreach (var spec in tensors)
                {
                    using var scope = NewDisposeScope();
                    var stored = value(spec).detach().cpu().contiguous();
                    if (stored.dtype != spec.Type || !stored.shape.SequenceEqual(spec.Shape))
                        throw new ArgumentException(
                            $"Tensor '{spec.Name}' is {stored.dtype} [{string.Join(", ", stored.shape)}], not as "
                                + $"announced.",
                            nameof(value)
                        );
                    ForEachChunk(stored, (bytes, _) => stream.Write(bytes));
                }
            }
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void ReadFlat(SafetensorsEntry entry, Tensor target, long start)
    {
        try
        {
            ForEachChunk(target, (bytes, offset) => Fill(_file, bytes, _dataStart + start + offset));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{_path}: tensor '{entry.Name}' cannot be read: {error.Message}", error);
        }
    }

    private static void ForEachChunk(Tensor contiguous, SpanAction act)
    {
        if (contiguous.numel() == 0)
            return;
        using var flat = contiguous.detach().view(-1);
        long size = flat.ElementSize,
            total = flat.numel(),
            atOnce = ChunkBytes / size;
        for (long first = 0; first < total; first += atOnce)
        {
            using var part = flat.narrow(0, first, Math.Min(atOnce, total - first));
            act(part.bytes, first * size);
        }
    }

    private static void Fill(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            var count = RandomAccess.Read(file, bytes, offset);
            if (count == 0)
                throw new EndOfStreamException("the file ends early");
            bytes = bytes[count..];
            offset += count;
        }
    }

    private SafetensorsEntry Entry(string name) =>
        _entries.TryGetValue(name, out var entry)
            ? entry
            : throw new InputException($"{_path}: tensor '{name}' is missing.");

    private delegate void SpanAction(Span<byte> bytes, long offset);
}
