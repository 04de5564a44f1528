namespace Palimpsest.Models;

/// <summary>The autograd node of <see cref="HeadSplitKernel"/>: (projected, kernel, cos, sin, layout) → queries, keys,
/// values.</summary>
internal sealed class HeadSplitFunction : autograd.MultiTensorFunction<HeadSplitFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(HeadSplitFunction);

    /// <inheritdoc/>
    public override List<Tensor> forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (projected, kernel, rotary) = (
            (Tensor)arguments[0],
            (HeadSplitKernel)arguments[1],
            (RotaryTables)arguments[2]
        );
        using var scope = NewDisposeScope();
        context.save_for_backward([rotary.Cos, rotary.Sin]);
        context.save_data("layout", (kernel, rotary.Size, rotary.ByRow));
        var (queries, keys, values) = kernel.Forward(projected, rotary);
        return [queries.MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope()];
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, List<Tensor> gradients)
    {
        var (kernel, size, byRow) = ((HeadSplitKernel, int, bool))context.get_data("layout");
        using var scope = NewDisposeScope();
        var tables = context.get_saved_variables();
        var projected = kernel.Backward(
            TensorMemory.Contiguous(gradients[0]),
            TensorMemory.Contiguous(gradients[1]),
            TensorMemory.Contiguous(gradients[2]),
            new(tables[0], tables[1], size) { ByRow = byRow }
        );
        return [projected.MoveToOuterDisposeScope(), null!, null!];
    }
}
