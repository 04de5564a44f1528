namespace Palimpsest.Models;

/// <summary>Tensors of one type in a checkpoint.</summary>
/// <param name="Type">For example <c>bfloat16</c>.</param>
/// <param name="Tensors">How many.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record StoredTypeInfo(string Type, int Tensors, long Bytes)
{
    /// <summary>Counts tensors by type, the one with most bytes first.</summary>
    internal static IReadOnlyList<StoredTypeInfo> Of(IEnumerable<TensorSpec> tensors) =>
    [
        .. tensors.GroupBy(t => t.Type)
            .Select(group => new StoredTypeInfo(NameOf(group.Key), group.Count(), group.Sum(t => t.ByteCount)))
            .OrderByDescending(info => info.Bytes),
    ];

    private static string NameOf(ScalarType type) => type == ScalarType.Byte ? "uint8" : type.ToString().ToLowerInvariant();
}
