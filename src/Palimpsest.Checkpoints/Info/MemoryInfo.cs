namespace Palimpsest.Checkpoints;

/// <summary>Bytes that a model's numbers take, by how each is held; activations, caches and scales come on
/// top.</summary>
/// <param name="Float32">Four bytes each.</param>
/// <param name="Float16">Two bytes each.</param>
/// <param name="Int8">One byte each.</param>
public sealed record MemoryInfo(long Float32, long Float16, long Int8)
{
    /// <summary>The bytes of a number of parameters.</summary>
    public static MemoryInfo Of(long parameters) => new(4 * parameters, 2 * parameters, parameters);
}
