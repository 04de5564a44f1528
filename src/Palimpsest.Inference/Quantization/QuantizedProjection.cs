namespace Palimpsest.Inference;

/// <summary>A linear map whose weight is kept as codes and becomes float32 while it computes.</summary>
/// <remarks>Frozen: no gradient reaches the codes; it reaches the input.</remarks>
public sealed class QuantizedProjection : Projection
{
    private readonly Tensor? _bias;

    /// <summary>A projection over a quantised weight.</summary>
    /// <param name="name">Its name within the module tree.</param>
    /// <param name="weight">Codes of [Out, In].</param>
    /// <param name="bias">[Out] float32, or null; copied.</param>
    public QuantizedProjection(string name, QuantizedWeight weight, Tensor? bias = null)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(weight);
        Weight = weight;
        if (bias is not null)
        {
            _bias = bias.detach().clone().DetachFromDisposeScope();
            register_buffer("bias", _bias);
        }
    }

    /// <summary>The codes.</summary>
    public QuantizedWeight Weight { get; }

    /// <inheritdoc/>
    public override long InFeatures => Weight.Width;

    /// <inheritdoc/>
    public override long OutFeatures => Weight.Rows;

    /// <summary>Bytes of codes, scales, zeros and bias.</summary>
    public long ByteCount => Weight.ByteCount + (_bias is null ? 0 : sizeof(float) * OutFeatures);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var weight = Weight.Dequantize().to(input.device);
        return nn.functional.linear(input, weight, _bias).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Materialize() => Weight.Dequantize();
}
