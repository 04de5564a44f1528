using System.Text;
using System.Text.Json;

namespace Palimpsest.Checkpoints;

/// <summary>The JSON header of a safetensors file.</summary>
internal static class SafetensorsHeader
{
    private const string MetadataKey = "__metadata__";
    private const int LongestName = 1000;

    private static readonly (string Name, ScalarType Type, int Bytes)[] Types =
    [
        ("F32", ScalarType.Float32, 4),
        ("F16", ScalarType.Float16, 2),
        ("BF16", ScalarType.BFloat16, 2),
        ("F64", ScalarType.Float64, 8),
        ("I64", ScalarType.Int64, 8),
        ("I32", ScalarType.Int32, 4),
        ("I16", ScalarType.Int16, 2),
        ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1),
        ("BOOL", ScalarType.Bool, 1),
    ];

    public static (Dictionary<string, SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Parse(
        byte[] header,
        long dataBytes,
        string path
    )
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
        }
        catch (JsonException error)
        {
            throw new InputException($"{path}: the header is not JSON: {error.Message.ReplaceLineEndings(" ")}", error);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new InputException(
                    $"{path}: the header must be a JSON object, not {document.RootElement.ValueKind}."
                );
            try
            {
                return Read(document.RootElement, dataBytes, path);
            }
            catch (InvalidOperationException error)
            {
                throw new InputException($"{path}: the header is not valid Unicode text.", error);
            }
        }
    }

    public static byte[] Format(IReadOnlyList<TensorSpec> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            var offset = 0L;
            foreach (var tensor in tensors)
            {
                var type = Array.Find(Types, t => t.Type == tensor.Type);
                if (type.Name is null)
                    throw new ArgumentException(
                        $"Tensor '{tensor.Name}' of type {tensor.Type} has no safetensors type.",
                        nameof(tensors)
                    );
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", type.Name);
                json.WriteStartArray("shape");
                foreach (var size in tensor.Shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Count * type.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Spaces fill up, so that the data begins on a multiple of eight bytes.
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static (Dictionary<string, SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Read(
        JsonElement header,
        long dataBytes,
        string path
    )
    {
        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in header.EnumerateObject())
        {
            if (property.NameEquals(MetadataKey))
                ReadMetadata(property.Value, metadata, path);
            else if (property.Name is { Length: 0 or > LongestName } || property.Name.Any(char.IsControl))
                throw new InputException(
                    $"{path}: a tensor is named {JsonField.Shown(property.Name)}; allowed are 1 to {LongestName} "
                        + $"characters without control characters."
                );
            else if (!entries.TryAdd(property.Name, ReadEntry(property, dataBytes, path)))
                throw new InputException($"{path}: tensor '{property.Name}' is listed twice.");
        }

        CheckLayout(entries.Values, dataBytes, path);
        return (entries, metadata);
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new InputException($"{path}: {MetadataKey} must be an object, not {element.ValueKind}.");
        foreach (var entry in element.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String)
                throw new InputException(
                    $"{path}: {MetadataKey}: {JsonField.Shown(entry.Name)} must be a string, not "
                        + $"{entry.Value.ValueKind}."
                );
            metadata[entry.Name] = entry.Value.GetString()!;
        }
    }

    private static SafetensorsEntry ReadEntry(JsonProperty property, long dataBytes, string path)
    {
        var name = property.Name;
        var value = property.Value;
        if (value.ValueKind != JsonValueKind.Object)
            throw new InputException($"{path}: tensor '{name}' must be an object, not {value.ValueKind}.");
        var typeName =
            value.TryGetProperty("dtype", out var dtype) && dtype.ValueKind == JsonValueKind.String
                ? dtype.GetString()
                : null;
        var type = Array.Find(Types, t => t.Name == typeName);
        if (type.Name is null)
            throw new InputException(
                $"{path}: tensor '{name}' has dtype {JsonField.Shown(typeName ?? "")}; known are "
                    + $"{string.Join(", ", Types.Select(t => t.Name))}."
            );
        var shape = Numbers(value, "shape", name, path);
        var offsets = Numbers(value, "data_offsets", name, path);
        if (offsets.Length != 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes)
        {
            throw new InputException(
                $"{path}: tensor '{name}' has data_offsets [{string.Join(", ", offsets)}]; needed are two, ascending, "
                    + $"<= {dataBytes}."
            );
        }

        if (ByteCount(shape, type.Bytes, dataBytes) != offsets[1] - offsets[0])
        {
            throw new InputException(
                $"{path}: tensor '{name}' of shape [{string.Join(", ", shape)}] {typeName} spans "
                    + $"{offsets[1] - offsets[0]} bytes, which is not its size."
            );
        }

        return new(name, type.Type, shape, offsets[0], offsets[1]);
    }

    /// <summary>Bytes of a shape; −1 when they, or one size beside a zero, are more than any file of this length could
    /// mean.</summary>
    private static Int128 ByteCount(long[] shape, int elementBytes, long dataBytes)
    {
        if (shape.Contains(0))
            return shape.Any(size => size > Math.Max(dataBytes, int.MaxValue)) ? -1 : 0;
        Int128 bytes = elementBytes;
        foreach (var size in shape)
        {
            bytes *= size;
            if (bytes > dataBytes)
                return -1;
        }

        return bytes;
    }

    private static long[] Numbers(JsonElement value, string field, string name, string path)
    {
        if (
            !value.TryGetProperty(field, out var array)
            || array.ValueKind != JsonValueKind.Array
            || array.GetArrayLength() > 16
        )
            throw new InputException($"{path}: tensor '{name}' needs {field} as an array of at most 16 numbers.");
        var numbers = new long[array.GetArrayLength()];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt64(out numbers[i]) || numbers[i] < 0)
                throw new InputException(
                    $"{path}: tensor '{name}' has {field}[{i}] = {JsonField.Shown(array[i].GetRawText())}; allowed are "
                        + $"whole numbers >= 0."
                );
        }

        return numbers;
    }

    private static void CheckLayout(IEnumerable<SafetensorsEntry> entries, long dataBytes, string path)
    {
        var end = 0L;
        foreach (var entry in entries.OrderBy(e => e.Start).ThenBy(e => e.End))
        {
            if (entry.Start != end)
            {
                throw new InputException(
                    $"{path}: tensor '{entry.Name}' starts at {entry.Start}, but the data before it ends at {end}; "
                        + $"gaps and overlaps are not allowed."
                );
            }

            end = entry.End;
        }

        if (end != dataBytes)
            throw new InputException(
                $"{path}: the tensors end at byte {end} of {dataBytes}; the file is truncated or has bytes that belong "
                    + $"to none."
            );
    }
}
