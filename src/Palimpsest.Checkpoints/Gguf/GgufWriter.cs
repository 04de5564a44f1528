using System.Text;

namespace Palimpsest.Checkpoints;

/// <summary>Writes GGUF files of version 3.</summary>
internal static class GgufWriter
{
    private const uint UsualAlignment = 32;
    private const int SliceBlocks = 1 << 16;

    /// <summary>Writes under a temporary name, flushes and renames; one tensor is in memory at a time.</summary>
    /// <exception cref="InputException">The file cannot be written, or a value does not fit its type.</exception>
    public static void Write(
        string path,
        IReadOnlyList<KeyValuePair<string, object>> metadata,
        IReadOnlyList<GgufTensorSource> tensors,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        foreach (var tensor in tensors)
            Check(tensor);
        var alignment = metadata.FirstOrDefault(entry => entry.Key == "general.alignment").Value is uint said
            ? said
            : UsualAlignment;
        AtomicFile.Write(
            path,
            stream =>
            {
                using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
                    WriteHeader(writer, metadata, tensors, alignment);
                for (var i = 0; i < tensors.Count; i++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Pad(stream, alignment);
                    WriteValues(stream, path, tensors[i]);
                    progress?.Report(new("Writing weights", i + 1, tensors.Count));
                }

                Pad(stream, alignment);
            }
        );
    }

    private static void Check(GgufTensorSource tensor)
    {
        if (!GgufEncoder.Writable.Contains(tensor.Type))
        {
            throw new ArgumentException(
                $"Tensor '{tensor.Name}' is to be {tensor.Type}; can be written: "
                    + $"{string.Join(", ", GgufEncoder.Writable)}.",
                nameof(tensor)
            );
        }

        if (tensor.Shape.Count is < 1 or > 4 || tensor.Shape[^1] % GgufLayout.Of(tensor.Type).Values != 0)
        {
            throw new ArgumentException(
                $"Tensor '{tensor.Name}' is [{string.Join(", ", tensor.Shape)}]; {tensor.Type} needs 1 to 4 dimensions "
                    + $"and rows of whole blocks.",
                nameof(tensor)
            );
        }
    }

    private static void WriteHeader(
        BinaryWriter writer,
        IReadOnlyList<KeyValuePair<string, object>> metadata,
        IReadOnlyList<GgufTensorSource> tensors,
        uint alignment
    )
    {
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        foreach (var (key, value) in metadata)
        {
            WriteText(writer, key);
            writer.Write(TypeOf(value.GetType()));
            WriteValue(writer, value);
        }

        long offset = 0;
        foreach (var tensor in tensors)
        {
            WriteText(writer, tensor.Name);
            writer.Write(tensor.Shape.Count);
            foreach (var size in tensor.Shape.Reverse())
                writer.Write((ulong)size);
            writer.Write((uint)tensor.Type);
            writer.Write((ulong)offset);
            offset = (offset + Bytes(tensor) + alignment - 1) / alignment * alignment;
        }
    }

    private static long Bytes(GgufTensorSource tensor)
    {
        var layout = GgufLayout.Of(tensor.Type);
        return tensor.Shape.Aggregate(1L, (product, size) => product * size) / layout.Values * layout.Bytes;
    }

    private static uint TypeOf(Type type) =>
        type switch
        {
            _ when type == typeof(byte) => 0,
            _ when type == typeof(sbyte) => 1,
            _ when type == typeof(ushort) => 2,
            _ when type == typeof(short) => 3,
            _ when type == typeof(uint) => 4,
            _ when type == typeof(int) => 5,
            _ when type == typeof(float) => 6,
            _ when type == typeof(bool) => 7,
            _ when type == typeof(string) => 8,
            _ when type.IsArray => 9,
            _ when type == typeof(ulong) => 10,
            _ when type == typeof(long) => 11,
            _ when type == typeof(double) => 12,
            _ => throw new ArgumentException($"A GGUF file cannot hold a value of type {type.Name}.", nameof(type)),
        };

    private static void WriteValue(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case byte number:
                writer.Write(number);
                break;
            case sbyte number:
                writer.Write(number);
                break;
            case ushort number:
                writer.Write(number);
                break;
            case short number:
                writer.Write(number);
                break;
            case uint number:
                writer.Write(number);
                break;
            case int number:
                writer.Write(number);
                break;
            case float number:
                writer.Write(number);
                break;
            case bool flag:
                writer.Write(flag);
                break;
            case string text:
                WriteText(writer, text);
                break;
            case ulong number:
                writer.Write(number);
                break;
            case long number:
                writer.Write(number);
                break;
            case double number:
                writer.Write(number);
                break;
            case Array list:
                var element = list.GetType().GetElementType()!;
                writer.Write(element == typeof(object) ? TypeOf(typeof(Array[])) : TypeOf(element));
                writer.Write((ulong)list.Length);
                foreach (var item in list)
                    WriteValue(writer, item);
                break;
        }
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static unsafe void WriteValues(Stream stream, string path, GgufTensorSource tensor)
    {
        using var scope = NewDisposeScope();
        var values = tensor.Values();
        if (!values.shape.SequenceEqual(tensor.Shape))
        {
            throw new ArgumentException(
                $"Tensor '{tensor.Name}' is [{string.Join(", ", values.shape)}]; announced was "
                    + $"[{string.Join(", ", tensor.Shape)}].",
                nameof(tensor)
            );
        }

        var flat = values.detach().cpu().to(ScalarType.Float32).contiguous().view(-1);
        var layout = GgufLayout.Of(tensor.Type);
        var blocks = flat.numel() / layout.Values;
        var buffer = new byte[Math.Min(blocks, SliceBlocks) * layout.Bytes];
        for (long first = 0; first < blocks; first += SliceBlocks)
        {
            var count = (int)Math.Min(SliceBlocks, blocks - first);
            using var slice = flat.narrow(0, first * layout.Values, (long)count * layout.Values);
            fixed (byte* source = slice.bytes)
            fixed (byte* target = buffer)
            {
                if (!GgufEncoder.TryEncode(layout, (float*)source, target, count))
                    throw new InputException(
                        $"{path}: tensor '{tensor.Name}' holds values that {tensor.Type} cannot; its scale or values "
                            + $"exceed float16's 65504."
                    );
            }

            stream.Write(buffer, 0, count * layout.Bytes);
        }
    }

    private static void Pad(Stream stream, uint alignment)
    {
        var rest = stream.Position % alignment;
        if (rest > 0)
            stream.Write(new byte[alignment - rest]);
    }
}
