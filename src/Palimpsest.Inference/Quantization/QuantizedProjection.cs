using TorchSharp.Modules;

namespace Palimpsest.Inference;

/// <summary>A projection whose weight is kept as codes and becomes float32 while it computes. On the CPU.</summary>
/// <remarks>Frozen: no gradient reaches the codes; it reaches the input, the bias and the deltas.</remarks>
public sealed class QuantizedProjection : Projection
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
        if (bias is not null)
            register_parameter("bias", bias);
    }

    /// <summary>The codes.</summary>
    public QuantizedWeight Weight { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Parameter Value)> Parameters => [];

    /// <inheritdoc/>
    public override string HeldAs => "quantised";

    /// <inheritdoc/>
    public override long CodeBytes => Weight.ByteCount;

    /// <summary>Bytes of codes, scales, zeros and bias.</summary>
    public long ByteCount => CodeBytes + (Bias is null ? 0 : sizeof(float) * OutFeatures);

    /// <inheritdoc/>
    public override Tensor BaseWeight(long rowStart, long rowCount) => Weight.Dequantize(rowStart, rowCount);

    /// <inheritdoc/>
    /// <remarks>The codes, which never change, are shared.</remarks>
    public override Projection Clone(Parameter? bias) => new QuantizedProjection(_name, Weight, bias);

    /// <inheritdoc/>
    protected override Tensor Linear(Tensor input)
    {
        if (is_grad_enabled() && input.requires_grad)
        {
            var output = QuantizedLinearFunction.apply(input, Weight);
            return Bias is null ? output : output + Bias;
        }

        if (!is_grad_enabled() && input.numel() / InFeatures is var rows && rows <= QuantizedThinKernel.MostRows)
            return QuantizedThinKernel.Forward(TensorMemory.Contiguous(input), Weight, Bias, rows);
        using var weight = Weight.Dequantize();
        return nn.functional.linear(input, weight, Bias);
    }

    private static QuantizedWeight Checked(QuantizedWeight weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return weight;
    }
}
