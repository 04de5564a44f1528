namespace Palimpsest.Checkpoints;

/// <summary>The tensors of a header, checked one by one and then against each other.</summary>
/// <param name="path">The file's name, for messages.</param>
/// <param name="alignment">Every tensor begins on a multiple of this many bytes.</param>
/// <param name="fileBytes">Length of the file.</param>
internal sealed class GgufTensorList(string path, int alignment, long fileBytes)
{
    private readonly Dictionary<string, GgufTensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>Adds a tensor whose offset counts from the beginning of the data.</summary>
    /// <exception cref="InputException">Its type is not read here, its rows are not whole blocks, or it is not within
    /// the file.</exception>
    public void Add(string name, uint type, long[] shape, ulong offset)
    {
        var layout =
            GgufLayout.Find(type)
            ?? throw new InputException(
                $"{path}: tensor {JsonField.Shown(name)} is of type {GgufLayout.NameOf(type)}, which is not supported; "
                    + $"supported are {GgufLayout.Names}."
            );
        if (shape[^1] % layout.Values != 0)
        {
            throw new InputException(
                $"{path}: tensor {JsonField.Shown(name)} has rows of {shape[^1]} values; {layout.Type} needs a "
                    + $"multiple of {layout.Values}."
            );
        }

        Int128 bytes = (Int128)(shape[^1] / layout.Values) * layout.Bytes;
        for (var i = 0; i < shape.Length - 1 && bytes <= fileBytes; i++)
            bytes *= shape[i];
        if (bytes > fileBytes || offset > (ulong)fileBytes)
        {
            throw new InputException(
                $"{path}: tensor {JsonField.Shown(name)} [{string.Join(", ", shape)}] {layout.Type} at offset {offset} "
                    + $"is not within the file of {fileBytes} bytes."
            );
        }

        if (offset % (ulong)alignment != 0)
            throw new InputException(
                $"{path}: tensor {JsonField.Shown(name)} is at offset {offset}, which is not a multiple of {alignment}."
            );
        if (!_tensors.TryAdd(name, new(name, layout.Type, shape, (long)offset, (long)bytes)))
            throw new InputException($"{path}: tensor {JsonField.Shown(name)} is listed twice.");
    }

    /// <summary>The tensors in the order of their data, with places in the file.</summary>
    /// <param name="headerEnd">Where the header ends.</param>
    /// <exception cref="InputException">Two tensors share bytes, or one ends after the file.</exception>
    public IReadOnlyList<GgufTensor> Place(long headerEnd)
    {
        var dataStart = (headerEnd + alignment - 1) / alignment * alignment;
        var placed = new List<GgufTensor>(_tensors.Count);
        foreach (var tensor in _tensors.Values.OrderBy(t => t.Start))
        {
            var here = tensor with { Start = dataStart + tensor.Start };
            if (here.Start + here.ByteCount > fileBytes)
            {
                throw new InputException(
                    $"{path}: tensor '{here.Name}' ends at byte {here.Start + here.ByteCount} of {fileBytes}; the file "
                        + $"is truncated."
                );
            }

            if (placed.Count > 0 && placed[^1].Start + placed[^1].ByteCount > here.Start)
                throw new InputException(
                    $"{path}: tensors '{placed[^1].Name}' and '{here.Name}' overlap at byte {here.Start}."
                );
            placed.Add(here);
        }

        return placed;
    }
}
