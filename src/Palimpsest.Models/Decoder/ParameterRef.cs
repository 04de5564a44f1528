namespace Palimpsest.Models;

/// <summary>A weight under its Hugging Face name.</summary>
/// <param name="Name">For example <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="Storage">The parameter that autograd and optimisers see; several names can share one (fused
/// weights).</param>
/// <param name="RowStart">First row of <paramref name="Storage"/> that belongs to this name.</param>
/// <param name="RowCount">Number of rows that belong to this name.</param>
/// <param name="Layer">Zero-based layer, or null outside the blocks.</param>
/// <param name="Component">What it is part of.</param>
/// <param name="Expert">Zero-based expert, or null in dense layers.</param>
/// <param name="Transposed">True when checkpoints hold the matrix as [In, Out] (GPT-2's Conv1D); storage is [Out,
/// In].</param>
public sealed record ParameterRef(
    string Name,
    TorchSharp.Modules.Parameter Storage,
    long RowStart,
    long RowCount,
    int? Layer,
    ModelComponent Component,
    int? Expert = null,
    bool Transposed = false
)
{
    // Kept, because the storage goes when a quantised weight takes its place.
    private readonly long[] _rowShape = Storage.shape[1..];

    /// <summary>The parameter that autograd and optimisers see; several names can share one (fused weights).</summary>
    /// <exception cref="InvalidOperationException">The weight is held as codes or factors; <see cref="Value"/> gives
    /// what they stand for.</exception>
    public TorchSharp.Modules.Parameter Storage
    {
        get =>
            IsDense
                ? field
                : throw new InvalidOperationException(
                    $"{Name} is held {Slot!.Projection.HeldAs}: there is no parameter of that name."
                );
    } = Storage;

    /// <summary>False when the weight is held as codes or factors: it has no parameter, no gradient, and cannot be
    /// written into.</summary>
    public bool IsDense => Slot is not { IsDense: false };

    /// <summary>The values, [Out, In] or [Out], rows as in storage: a view, or what codes stand for; the caller
    /// disposes it.</summary>
    public Tensor Value() =>
        IsDense ? Storage.narrow(0, RowStart, RowCount) : Slot!.Projection.BaseWeight(RowStart, RowCount);

    /// <summary>A view of the gradient, or null before a backward pass; the caller disposes it.</summary>
    public Tensor? Gradient() => IsDense && Storage.grad is { } grad ? grad.narrow(0, RowStart, RowCount) : null;

    /// <summary>The name and the shape that checkpoints have.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", CheckpointShape)}]";

    /// <summary>Number of values.</summary>
    public long Count => CheckpointShape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The component's name as programs print it, for example <c>attention</c>.</summary>
    internal string ComponentName => Component.ToString().ToLowerInvariant();

    /// <summary>The shape that a checkpoint holds under <see cref="Name"/>.</summary>
    public IReadOnlyList<long> CheckpointShape
    {
        get
        {
            var shape = Shape;
            if (Transposed)
                Array.Reverse(shape);
            return shape;
        }
    }

    /// <summary>The shape of <see cref="Value"/>.</summary>
    internal long[] Shape => [RowCount, .. _rowShape];

    /// <summary>Where the weight is, when a projection computes with it.</summary>
    internal ProjectionSlot? Slot { get; init; }
}
