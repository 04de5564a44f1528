namespace Palimpsest.Inference;

/// <summary>What a model takes with its projections as codes.</summary>
/// <param name="Scheme">Format, bits and groups.</param>
/// <param name="QuantizedWeights">Weights that are codes.</param>
/// <param name="QuantizedBytes">Bytes of their codes, scales and zeros.</param>
/// <param name="OtherWeights">Weights that stay float32: embeddings, head, norms, biases.</param>
public sealed record QuantizedSize(string Scheme, long QuantizedWeights, long QuantizedBytes, long OtherWeights)
{
    /// <summary>Bits per quantised weight, scales and zeros included.</summary>
    public double BitsPerWeight => QuantizedWeights == 0 ? 0 : 8.0 * QuantizedBytes / QuantizedWeights;

    /// <summary>Bytes of everything.</summary>
    public long TotalBytes => QuantizedBytes + sizeof(float) * OtherWeights;

    /// <summary>Bytes of everything in float32.</summary>
    public long FloatBytes => sizeof(float) * (QuantizedWeights + OtherWeights);
}
