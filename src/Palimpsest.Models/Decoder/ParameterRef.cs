namespace Palimpsest.Models;

/// <summary>A weight under its Hugging Face name.</summary>
/// <param name="Name">For example <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="Storage">The parameter that autograd and optimisers see; several names can share one (fused weights).</param>
/// <param name="RowStart">First row of <paramref name="Storage"/> that belongs to this name.</param>
/// <param name="RowCount">Number of rows that belong to this name.</param>
/// <param name="Layer">Zero-based layer, or null outside the blocks.</param>
/// <param name="Component">What it is part of.</param>
/// <param name="Expert">Zero-based expert, or null in dense layers.</param>
/// <param name="Transposed">True when checkpoints hold the matrix as [In, Out] (GPT-2's Conv1D); storage is [Out, In].</param>
public sealed record ParameterRef(
    string Name,
    TorchSharp.Modules.Parameter Storage,
    long RowStart,
    long RowCount,
    int? Layer,
    ModelComponent Component,
    int? Expert = null,
    bool Transposed = false)
{
    /// <summary>A view of the values, [Out, In] or [Out], rows as in storage; the caller disposes it.</summary>
    public Tensor Value() => Storage.narrow(0, RowStart, RowCount);

    /// <summary>A view of the gradient, or null before a backward pass; the caller disposes it.</summary>
    public Tensor? Gradient() => Storage.grad is { } grad ? grad.narrow(0, RowStart, RowCount) : null;

    /// <summary>Number of values.</summary>
    public long Count => CheckpointShape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The component's name as programs print it, for example <c>attention</c>.</summary>
    internal string ComponentName => Component.ToString().ToLowerInvariant();

    /// <summary>The shape that a checkpoint holds under <see cref="Name"/>.</summary>
    public IReadOnlyList<long> CheckpointShape
    {
        get
        {
            long[] shape = [.. Storage.shape];
            shape[0] = RowCount;
            if (Transposed)
                Array.Reverse(shape);
            return shape;
        }
    }
}
