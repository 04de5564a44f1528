namespace Palimpsest.Models;

/// <summary>What a cache weighs.</summary>
/// <param name="Logical">Bytes of keys and values in float32 if every token seen were held.</param>
/// <param name="Physical">Bytes that are allocated: spare room, codes, scales, positions and masks included.</param>
public readonly record struct KvBytes(long Logical, long Physical)
{
    /// <summary>Bytes in files, which are not among the physical ones.</summary>
    public long Cold { get; init; }

    /// <summary>Adds two layers' bytes.</summary>
    public static KvBytes operator +(KvBytes left, KvBytes right) => Add(left, right);

    /// <summary>Adds two layers' bytes.</summary>
    public static KvBytes Add(KvBytes left, KvBytes right) =>
        new(left.Logical + right.Logical, left.Physical + right.Physical) { Cold = left.Cold + right.Cold };
}
