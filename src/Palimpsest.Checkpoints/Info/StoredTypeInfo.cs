namespace Palimpsest.Checkpoints;

/// <summary>Tensors of one type in a checkpoint.</summary>
/// <param name="Type">For example <c>bfloat16</c>, or <c>Q4_1</c> in a GGUF file.</param>
/// <param name="Tensors">How many.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record StoredTypeInfo(string Type, int Tensors, long Bytes)
{
    /// <summary>Counts tensors by type, the one with most bytes first.</summary>
    internal static IReadOnlyList<StoredTypeInfo> Of(IEnumerable<TensorSpec> tensors) =>
        Of(tensors.Select(t => (NameOf(t.Type), t.ByteCount)));

    /// <summary>Counts the tensors of a GGUF file.</summary>
    internal static IReadOnlyList<StoredTypeInfo> Of(IEnumerable<GgufTensor> tensors) =>
        Of(tensors.Select(t => (t.Type.ToString(), t.ByteCount)));

    private static IReadOnlyList<StoredTypeInfo> Of(IEnumerable<(string Type, long Bytes)> tensors) =>
        [
            .. tensors
                .GroupBy(t => t.Type)
                .Select(group => new StoredTypeInfo(group.Key, group.Count(), group.Sum(t => t.Bytes)))
                .OrderByDescending(info => info.Bytes),
        ];

    private static string NameOf(ScalarType type) =>
        type == ScalarType.Byte ? "uint8" : type.ToString().ToLowerInvariant();
}
