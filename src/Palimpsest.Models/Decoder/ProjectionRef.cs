namespace Palimpsest.Models;

/// <summary>A linear map under the module path that Hugging Face gives it.</summary>
/// <param name="Path">For example <c>model.layers.0.self_attn.q_proj</c>.</param>
/// <param name="Slot">Where the projection is that computes it, perhaps together with others (fused weights).</param>
/// <param name="RowStart">First output that belongs to this path.</param>
/// <param name="RowCount">Number of outputs that belong to this path.</param>
/// <param name="Layer">Zero-based layer, or null outside the blocks.</param>
/// <param name="Component">What it is part of.</param>
/// <param name="Expert">Zero-based expert, or null in dense layers.</param>
/// <param name="Transposed">True when checkpoints hold the weight as [In, Out].</param>
public sealed record ProjectionRef(
    string Path,
    ProjectionSlot Slot,
    long RowStart,
    long RowCount,
    int? Layer,
    ModelComponent Component,
    int? Expert = null,
    bool Transposed = false
)
{
    /// <summary>The last part of the path, for example <c>q_proj</c>.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>The projection that computes it.</summary>
    public Projection Projection => Slot.Projection;

    /// <summary>Puts a delta on this slice; it comes after those already there.</summary>
    public void Add(IProjectionDelta delta) => Projection.AddDelta(RowStart, RowCount, delta);

    /// <summary>Takes a delta off this slice.</summary>
    public void Remove(IProjectionDelta delta) => Projection.RemoveDelta(delta);

    /// <summary>The slice's weight [Rows, In] float32, a view of a dense one, else what the codes stand for; the caller
    /// disposes it.</summary>
    public Tensor Weight() => Projection.BaseWeight(RowStart, RowCount);

    /// <summary>A view of the slice's weight [Rows, In] float32 that may be written into; the caller disposes
    /// it.</summary>
    /// <exception cref="InputException">The weight is held as codes or factors.</exception>
    public Tensor WritableWeight() =>
        Slot.IsDense
            ? Weight()
            : throw new InputException(
                $"{Path}: the weight is held {Projection.HeldAs} and cannot be changed in place; load the model with "
                    + $"dense weights."
            );

    /// <summary>A view of the slice's bias [Rows] float32, or null; the caller disposes it.</summary>
    public Tensor? Bias() => Projection.Bias?.narrow(0, RowStart, RowCount);
}
