namespace Palimpsest.Models;

/// <summary>The autograd node of <see cref="GatedSiluKernel"/>: (x, W) → y.</summary>
internal sealed class GatedSiluFunction : autograd.SingleTensorFunction<GatedSiluFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(GatedSiluFunction);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (input, width) = ((Tensor)arguments[0], (long)arguments[1]);
        using var scope = NewDisposeScope();
        context.save_for_backward([input]);
        context.save_data("width", width);
        return GatedSiluKernel.Forward(input, width).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var input = context.get_saved_variables()[0];
        return
        [
            GatedSiluKernel
                .Backward(input, TensorMemory.Contiguous(gradient), (long)context.get_data("width"))
                .MoveToOuterDisposeScope(),
            null!,
        ];
    }
}
