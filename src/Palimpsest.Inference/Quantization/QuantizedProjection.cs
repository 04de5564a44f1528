using System.Buffers;
using TorchSharp.Modules;

namespace Palimpsest.Inference;

/// <summary>A projection whose weight was rounded to codes of a <see cref="QuantizedWeight"/>.</summary>
/// <remarks>Frozen: no gradient reaches the codes; it reaches the input, the bias and the deltas.</remarks>
public sealed class QuantizedProjection : CodedProjection
{
    private readonly string _name;

    /// <summary>A projection over a quantised weight.</summary>
    /// <param name="name">Its name within the module tree.</param>
    /// <param name="weight">Codes of [Out, In].</param>
    /// <param name="bias">[Out] float32, or null.</param>
    public QuantizedProjection(string name, QuantizedWeight weight, Parameter? bias = null)
        : base(name, Checked(weight).Width, weight.Rows, bias)
    {
        (_name, Weight) = (name, weight);
    }

    /// <summary>The codes.</summary>
    public QuantizedWeight Weight { get; }

    /// <inheritdoc/>
    public override long CodeBytes => Weight.ByteCount;

    /// <summary>Bytes of codes, scales, zeros and bias.</summary>
    public long ByteCount => CodeBytes + (Bias is null ? 0 : sizeof(float) * OutFeatures);

    /// <inheritdoc/>
    /// <remarks>The codes, which never change, are shared.</remarks>
    public override Projection Clone(Parameter? bias) => new QuantizedProjection(_name, Weight, bias);

    internal override bool HasIntegerProducts => Weight.HasIntegerProducts;

    internal override void DecodeRow(long row, Span<float> values)
    {
        var codes = ArrayPool<byte>.Shared.Rent(values.Length);
        Weight.DecodeRow((int)row, codes.AsSpan(0, values.Length), values);
        ArrayPool<byte>.Shared.Return(codes);
    }

    internal override void Multiply(RoundedRows x, in CodeTarget target, long first, long end) =>
        Weight.Multiply(x, target, new(first, end));

    private static QuantizedWeight Checked(QuantizedWeight weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return weight;
    }
}
