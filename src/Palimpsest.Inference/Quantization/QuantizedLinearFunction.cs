namespace Palimpsest.Inference;

/// <summary>The autograd node of a quantised linear map: (x, codes) → x Wᵀ. The backward pass decodes W once more
/// instead of keeping it.</summary>
internal sealed class QuantizedLinearFunction : autograd.SingleTensorFunction<QuantizedLinearFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(QuantizedLinearFunction);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (input, codes) = ((Tensor)arguments[0], (QuantizedWeight)arguments[1]);
        context.save_data("codes", codes);
        using var weight = codes.Dequantize();
        return nn.functional.linear(input, weight);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        using var weight = ((QuantizedWeight)context.get_data("codes")).Dequantize();
        return [gradient.matmul(weight), null!];
    }
}
