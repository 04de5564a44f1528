namespace Palimpsest.Models;

/// <summary>The autograd node of <see cref="RmsNormKernel"/>: (x, w, settings) → y.</summary>
internal sealed class RmsNormFunction : autograd.SingleTensorFunction<RmsNormFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(RmsNormFunction);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (input, weight) = ((Tensor)arguments[0], (Tensor)arguments[1]);
        var settings = (RmsNormSettings)arguments[2];
        using var scope = NewDisposeScope();
        context.save_for_backward([input, weight]);
        context.save_data("settings", (settings, weight.requires_grad));
        return RmsNormKernel.Forward(input, weight, settings).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        var (settings, weightNeeded) = ((RmsNormSettings, bool))context.get_data("settings");
        using var scope = NewDisposeScope();
        var saved = context.get_saved_variables();
        var (input, weight) = RmsNormKernel.Backward(
            saved[0],
            saved[1],
            TensorMemory.Contiguous(gradient),
            settings,
            weightNeeded
        );
        return [input.MoveToOuterDisposeScope(), weight?.MoveToOuterDisposeScope()!, null!];
    }
}
