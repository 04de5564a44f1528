namespace Palimpsest.Checkpoints;

/// <summary>A tensor that a file holds or will hold.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Shape">Its shape.</param>
public sealed record TensorSpec(string Name, ScalarType Type, IReadOnlyList<long> Shape)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes of the values.</summary>
    public long ByteCount => Count * Type.ElementSize();
}
