using System.Buffers.Binary;
using System.Text.Json;

namespace Palimpsest.Models;

/// <summary>A safetensors file, read as hostile input: every size and offset is checked before anything is allocated.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int MaxHeaderBytes = 100_000_000;
    private const int ChunkBytes = 1 << 24;

    private readonly FileStream _stream;
    private readonly string _path;
    private readonly long _dataStart;
    private readonly Dictionary<string, SafetensorsEntry> _entries;

    private SafetensorsFile(
        FileStream stream, string path, long dataStart, Dictionary<string, SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        (_stream, _path, _dataStart, _entries, Metadata) = (stream, path, dataStart, entries, metadata);
        Names = [.. entries.Values.OrderBy(e => e.Start).ThenBy(e => e.Name, StringComparer.Ordinal).Select(e => e.Name)];
    }

    /// <summary>The tensors' names, in the order of their data.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="InputException">The header is not valid.</exception>
    public static SafetensorsFile Open(string path)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }

        try
        {
            Span<byte> prefix = stackalloc byte[8];
            if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
                throw new InputException($"{path}: {stream.Length} bytes; a safetensors file has at least 8.");
            var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (length > MaxHeaderBytes || (long)length > stream.Length - 8)
            {
                throw new InputException(
                    $"{path}: header length {length} must be <= {Math.Min(MaxHeaderBytes, stream.Length - 8)} (file of {stream.Length} bytes).");
            }

            var header = new byte[length];
            stream.ReadExactly(header);
            var dataStart = 8 + (long)length;
            var (entries, metadata) = SafetensorsHeader.Parse(header, stream.Length - dataStart, path);
            return new(stream, path, dataStart, entries, metadata);
        }
        catch
        {
            stream.Dispose();
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
            _stream.Position = _dataStart + entry.Start;
            if (entry.End > entry.Start)
                result.ReadBytesFromStream(_stream, ChunkBytes);
            return result;
        }
        catch (Exception error) when (error is IOException)
        {
            result.Dispose();
            throw new InputException($"{_path}: tensor '{name}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Writes tensors under a temporary name, flushes and renames.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Names and values; written in this order, in their own types.</param>
    /// <param name="metadata">Entries of <c>__metadata__</c>.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(
        string path, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var header = SafetensorsHeader.Format(tensors, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var (_, value) in tensors)
            {
                using var scope = NewDisposeScope();
                var stored = value.detach().cpu().contiguous();
                if (stored.numel() > 0)
                    stored.WriteBytesToStream(stream, ChunkBytes);
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private SafetensorsEntry Entry(string name) => _entries.TryGetValue(name, out var entry)
        ? entry
        : throw new InputException($"{_path}: tensor '{name}' is missing.");
}
