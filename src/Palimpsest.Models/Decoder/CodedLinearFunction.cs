namespace Palimpsest.Models;

/// <summary>The autograd node of a linear map whose weight is codes: (x, codes) → x Wᵀ. The backward pass decodes W
/// once more instead of keeping it.</summary>
internal sealed class CodedLinearFunction : autograd.SingleTensorFunction<CodedLinearFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(CodedLinearFunction);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (input, codes) = ((Tensor)arguments[0], (CodedProjection)arguments[1]);
        context.save_data("codes", codes);
        using var weight = codes.BaseWeight(0, codes.OutFeatures);
        return nn.functional.linear(input, weight);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        var codes = (CodedProjection)context.get_data("codes");
        using var weight = codes.BaseWeight(0, codes.OutFeatures);
        return [gradient.matmul(weight), null!];
    }
}
