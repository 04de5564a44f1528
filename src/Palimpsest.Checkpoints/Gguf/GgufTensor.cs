namespace Palimpsest.Checkpoints;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">Its name, for example <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">How its values are stored.</param>
/// <param name="Shape">Sizes, the slowest first, as everywhere else here; the file has them the other way
/// round.</param>
/// <param name="Start">First byte of its data, counted from the beginning of the file.</param>
/// <param name="ByteCount">Bytes of its data.</param>
public sealed record GgufTensor(string Name, GgufType Type, IReadOnlyList<long> Shape, long Start, long ByteCount)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}
