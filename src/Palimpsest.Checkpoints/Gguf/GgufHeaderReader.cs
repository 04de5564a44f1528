using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Palimpsest.Checkpoints;

/// <summary>Reads the header of a GGUF file as hostile input: a count is believed only where the bytes for it are
/// there.</summary>
internal ref struct GgufHeaderReader
{
    private const int MostEntries = 1 << 16;
    private const int LongestName = 1 << 10;
    private const int LongestText = 1 << 24;
    private const int DeepestArray = 4;

    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    private readonly string _path;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    private GgufHeaderReader(string path, ReadOnlySpan<byte> bytes)
    {
        _path = path;
        _bytes = bytes;
    }

    /// <summary>The metadata and the tensors; offsets are checked against the file's length.</summary>
    /// <param name="path">The file's name, for messages.</param>
    /// <param name="bytes">The beginning of the file, as long as a header may be.</param>
    /// <param name="fileBytes">Length of the file.</param>
    /// <exception cref="InputException">Something is malformed or beyond the limits.</exception>
    public static (GgufMetadata Metadata, IReadOnlyList<GgufTensor> Tensors) Read(
        string path,
        ReadOnlySpan<byte> bytes,
        long fileBytes
    )
    {
        var reader = new GgufHeaderReader(path, bytes);
        reader.ReadStart();
        var tensorCount = reader.Count("tensors", least: 24);
        var metadata = new GgufMetadata(path, reader.ReadValues(reader.Count("metadata entries", least: 13)));
        var alignment = metadata.WholeOrNull("general.alignment", 1, 1 << 20) ?? 32;
        if (!BitOperations.IsPow2(alignment))
            throw metadata.Refuse("general.alignment", "a power of two");
        var tensors = new GgufTensorList(path, alignment, fileBytes);
        for (var i = 0; i < tensorCount; i++)
            reader.ReadTensor(tensors);
        return (metadata, tensors.Place(reader._position));
    }

    private void ReadStart()
    {
        if (_bytes.Length < 24 || !_bytes.StartsWith("GGUF"u8))
            throw new InputException(
                $"{_path}: is not a GGUF file; it does not begin with 'GGUF' and a header of 24 bytes."
            );
        _position = 4;
        var version = Unsigned32();
        if (version is 2 or 3)
            return;
        throw new InputException(
            BinaryPrimitives.ReverseEndianness(version) is > 0 and < 256
                ? $"{_path}: is a big-endian GGUF file; only little-endian ones are read."
                : $"{_path}: is GGUF version {version}; 2 and 3 are read."
        );
    }

    private Dictionary<string, object> ReadValues(int count)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var key = Text(LongestName, "a key");
            var value = Value(Unsigned32(), key);
            if (!values.TryAdd(key, value))
                throw new InputException($"{_path}: key {JsonField.Shown(key)} is there twice.");
        }

        return values;
    }

    private void ReadTensor(GgufTensorList tensors)
    {
        var name = Text(LongestName, "a tensor's name");
        var dimensions = Unsigned32();
        if (dimensions is < 1 or > 4)
            throw new InputException(
                $"{_path}: tensor {JsonField.Shown(name)} has {dimensions} dimensions; allowed are 1 to 4."
            );
        var shape = new long[dimensions];
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            var size = Unsigned64();
            shape[i] = size is > 0 and <= long.MaxValue
                ? (long)size
                : throw new InputException(
                    $"{_path}: tensor {JsonField.Shown(name)} has a dimension of {size}; allowed are 1 to 2^63 - 1."
                );
        }

        tensors.Add(name, Unsigned32(), shape, Unsigned64());
    }

    private object Value(uint type, string key, int depth = 0) =>
        type switch
        {
            0 => Take(1)[0],
            1 => (sbyte)Take(1)[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
            3 => BinaryPrimitives.ReadInt16LittleEndian(Take(2)),
            4 => Unsigned32(),
            5 => (int)Unsigned32(),
            6 => BinaryPrimitives.ReadSingleLittleEndian(Take(4)),
            7 => Truth(Take(1)[0], key),
            8 => Text(LongestText, $"key {JsonField.Shown(key)}"),
            9 => List(key, depth),
            10 => Unsigned64(),
            11 => (long)Unsigned64(),
            12 => BinaryPrimitives.ReadDoubleLittleEndian(Take(8)),
            _ => throw new InputException(
                $"{_path}: key {JsonField.Shown(key)} has value type {type}; allowed are 0 to 12."
            ),
        };

    private object List(string key, int depth)
    {
        if (depth == DeepestArray)
            throw new InputException($"{_path}: key {JsonField.Shown(key)} nests deeper than {DeepestArray} lists.");
        var type = Unsigned32();
        int least = type switch
        {
            0 or 1 or 7 => 1,
            2 or 3 => 2,
            4 or 5 or 6 => 4,
            8 or 10 or 11 or 12 => 8,
            9 => 12,
            _ => 1,
        };
        var count = Count($"values of key {JsonField.Shown(key)}", least, most: int.MaxValue);
        switch (type)
        {
            case 0:
                return Take(count).ToArray();
            case 1:
                return MemoryMarshal.Cast<byte, sbyte>(Take(count)).ToArray();
            case 2:
                return MemoryMarshal.Cast<byte, ushort>(Take(2 * count)).ToArray();
            case 3:
                return MemoryMarshal.Cast<byte, short>(Take(2 * count)).ToArray();
            case 4:
                return MemoryMarshal.Cast<byte, uint>(Take(4 * count)).ToArray();
            case 5:
                return MemoryMarshal.Cast<byte, int>(Take(4 * count)).ToArray();
            case 6:
                return MemoryMarshal.Cast<byte, float>(Take(4 * count)).ToArray();
            case 10:
                return MemoryMarshal.Cast<byte, ulong>(Take(8 * count)).ToArray();
            case 11:
                return MemoryMarshal.Cast<byte, long>(Take(8 * count)).ToArray();
            case 12:
                return MemoryMarshal.Cast<byte, double>(Take(8 * count)).ToArray();
        }

        var values = type switch
        {
            7 => new bool[count],
            8 => new string[count],
            _ => (Array)new object[count],
        };
        for (var i = 0; i < count; i++)
            values.SetValue(Value(type, key, depth + 1), i);
        return values;
    }

    private readonly bool Truth(byte value, string key) =>
        value <= 1
            ? value == 1
            : throw new InputException(
                $"{_path}: key {JsonField.Shown(key)} is the truth value {value}; allowed are 0 and 1."
            );

    private string Text(int longest, string what)
    {
        var length = Unsigned64();
        if (length > (ulong)Math.Min(longest, _bytes.Length - _position))
        {
            throw new InputException(
                $"{_path}: {what} is a text of {length} bytes at byte {_position}; at most {longest} are allowed and "
                    + $"{_bytes.Length - _position} are there."
            );
        }

        try
        {
            return StrictUtf8.GetString(Take((int)length));
        }
        catch (DecoderFallbackException error)
        {
            throw new InputException($"{_path}: {what} is not valid UTF-8 at byte {_position}.", error);
        }
    }

    private int Count(string what, int least, int most = MostEntries)
    {
        var count = Unsigned64();
        var room = (_bytes.Length - _position) / least;
        return count <= (ulong)Math.Min(room, most)
            ? (int)count
            : throw new InputException(
                $"{_path}: {count} {what}; the file has room for {room}, and at most {most} are allowed."
            );
    }

    private uint Unsigned32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    private ulong Unsigned64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _position)
            throw new InputException(
                $"{_path}: the header ends at byte {_bytes.Length}, where {count} more bytes were needed after byte "
                    + $"{_position}."
            );
        var taken = _bytes.Slice(_position, count);
        _position += count;
        return taken;
    }
}
