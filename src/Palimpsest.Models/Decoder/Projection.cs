using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>A linear map y = x Wᵀ (+ b), perhaps several layers fused by rows, with deltas on slices of its
/// output.</summary>
/// <remarks>x [..., In] → y [..., Out]. How the weight is kept is the kind's own business: dense, or as
/// codes.</remarks>
/// <param name="name">Its name within the module tree.</param>
/// <param name="inFeatures">Width of the input.</param>
/// <param name="outFeatures">Width of the output.</param>
/// <param name="bias">[Out] float32, or null.</param>
public abstract class Projection(string name, long inFeatures, long outFeatures, Parameter? bias)
    : nn.Module<Tensor, Tensor>(name)
{
    private readonly List<Slice> _slices = [];

    /// <summary>Width of the input.</summary>
    public long InFeatures { get; } = inFeatures;

    /// <summary>Width of the output.</summary>
    public long OutFeatures { get; } = outFeatures;

    /// <summary>The bias [Out], or null.</summary>
    public Parameter? Bias { get; } = bias;

    /// <summary>Bytes of a weight that is no parameter: codes with their scales. 0 where it is dense.</summary>
    public virtual long CodeBytes => 0;

    /// <summary>What the weight is made of and training changes, bias left out, under names of its own; empty where
    /// nothing of it can be trained.</summary>
    public abstract IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <summary>True when the weight, or what it is made of, can be trained.</summary>
    public bool IsTrainable => Parameters.Count > 0;

    /// <summary>What belongs to <see cref="Parameters"/> and training does not change, for example indices; a
    /// checkpoint of training holds it.</summary>
    public virtual IReadOnlyList<(string Name, Tensor Value)> Buffers => [];

    /// <summary>How the weight is held, in the words of an error: <c>quantised</c>.</summary>
    public abstract string HeldAs { get; }

    /// <summary>Why no matrix stands for it, for errors; null where <see cref="BaseWeight"/> gives one.</summary>
    public virtual string? WhyNoWeight => null;

    /// <summary>Rows of the weight without deltas [count, In] float32; the caller disposes them.</summary>
    /// <remarks>A view of a dense weight, which writes reach; else a tensor of its own.</remarks>
    /// <exception cref="InputException">No matrix stands for the projection, see <see cref="WhyNoWeight"/>.</exception>
    public abstract Tensor BaseWeight(long rowStart, long rowCount);

    /// <summary>An independent projection that computes the same, without deltas; what never changes may be
    /// shared.</summary>
    /// <param name="bias">Its bias [Out], or null; it is not copied.</param>
    public abstract Projection Clone(Parameter? bias);

    /// <summary>Puts a delta on the outputs from <paramref name="rowStart"/> on; slices either coincide or are
    /// disjoint.</summary>
    /// <exception cref="ArgumentException">The slice is outside or cuts another one.</exception>
    public void AddDelta(long rowStart, long rowCount, IProjectionDelta delta)
    {
        if (rowStart < 0 || rowCount < 1 || rowStart + rowCount > OutFeatures)
            throw new ArgumentException(
                $"Rows {rowStart} to {rowStart + rowCount} are outside the {OutFeatures} outputs.",
                nameof(rowStart)
            );
        var slice = _slices.Find(s => s.Start < rowStart + rowCount && rowStart < s.Start + s.Count);
        if (slice is null)
        {
            slice = new(rowStart, rowCount, []);
            _slices.Add(slice);
            _slices.Sort((a, b) => a.Start.CompareTo(b.Start));
        }
        else if (slice.Start != rowStart || slice.Count != rowCount)
        {
            throw new ArgumentException(
                $"Rows {rowStart} to {rowStart + rowCount} cut the slice {slice.Start} to {slice.Start + slice.Count}.",
                nameof(rowStart)
            );
        }

        slice.Deltas.Add(delta);
    }

    /// <summary>Takes a delta off; nothing happens when it is not there.</summary>
    public void RemoveDelta(IProjectionDelta delta)
    {
        foreach (var slice in _slices)
            slice.Deltas.Remove(delta);
        _slices.RemoveAll(slice => slice.Deltas.Count == 0);
    }

    /// <inheritdoc/>
    public sealed override Tensor forward(Tensor input) => Compute(input, default);

    /// <summary>x [..., In] → [..., Out], deltas included.</summary>
    /// <param name="input">float32.</param>
    /// <param name="context">Which tokens these are, for deltas.</param>
    /// <exception cref="ArgumentException">The input is of another width.</exception>
    public Tensor Compute(Tensor input, in DeltaContext context)
    {
        var output = Linear(input, context);
        return HasActiveDeltas ? ApplyDeltas(input, output, context) : output;
    }

    /// <summary>The weight [Out, In] float32 that a plain linear layer would need to give the same output.</summary>
    /// <exception cref="InputException">No weight can say it: a delta is routed or gated, or the projection is no
    /// matrix. The message has the name.</exception>
    public Tensor Materialize()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        if (!HasActiveDeltas)
            return BaseWeight(0, OutFeatures).detach().MoveToOuterDisposeScope();
        List<Tensor> parts = [];
        long next = 0;
        foreach (var slice in _slices)
        {
            if (slice.Start > next)
                parts.Add(BaseWeight(next, slice.Start - next));
            parts.Add(
                slice
                    .Deltas.Where(delta => delta.Active)
                    .Aggregate(BaseWeight(slice.Start, slice.Count), (weight, delta) => delta.Merge(weight))
            );
            next = slice.Start + slice.Count;
        }

        if (next < OutFeatures)
            parts.Add(BaseWeight(next, OutFeatures - next));
        return cat(parts, 0).detach().MoveToOuterDisposeScope();
    }

    /// <summary>True when some delta changes the output.</summary>
    public bool HasActiveDeltas
    {
        get
        {
            foreach (var slice in _slices)
            {
                foreach (var delta in slice.Deltas)
                {
                    if (delta.Active)
                        return true;
                }
            }

            return false;
        }
    }

    /// <summary>All deltas, those that are switched off included.</summary>
    internal IEnumerable<IProjectionDelta> Deltas => _slices.SelectMany(slice => slice.Deltas);

    /// <summary>The deltas that change the output, in the order of rows and of their adding.</summary>
    internal IEnumerable<(long RowStart, IProjectionDelta Delta)> ActiveDeltas =>
        _slices.SelectMany(slice => slice.Deltas.Where(delta => delta.Active).Select(delta => (slice.Start, delta)));

    /// <summary>Takes over the deltas of the projection that this one replaces.</summary>
    internal void TakeDeltas(Projection other)
    {
        _slices.AddRange(other._slices);
        other._slices.Clear();
    }

    /// <summary>x Wᵀ + b, without deltas.</summary>
    protected abstract Tensor Linear(Tensor input);

    /// <summary>The same where it depends on the pass, which a step of one token may be.</summary>
    private protected virtual Tensor Linear(Tensor input, in DeltaContext context) => Linear(input);

    private Tensor ApplyDeltas(Tensor input, Tensor output, in DeltaContext context)
    {
        List<Tensor> parts = [];
        long next = 0;
        foreach (var slice in _slices)
        {
            if (slice.Start > next)
                parts.Add(output.narrow(-1, next, slice.Start - next));
            var part = output.narrow(-1, slice.Start, slice.Count);
            foreach (var delta in slice.Deltas)
            {
                if (delta.Active)
                    part = Applied(delta, input, part, context);
            }

            parts.Add(part);
            next = slice.Start + slice.Count;
        }

        if (next < OutFeatures)
            parts.Add(output.narrow(-1, next, OutFeatures - next));
        return parts.Count == 1 ? parts[0] : cat(parts, -1);
    }

    private static Tensor Applied(IProjectionDelta delta, Tensor input, Tensor output, in DeltaContext context)
    {
        var changed = delta.Apply(input, output, context);
        return changed.shape.SequenceEqual(output.shape)
            ? changed
            : throw new InvalidOperationException(
                $"Delta '{delta.Name}' gave [{string.Join(", ", changed.shape)}]; allowed is "
                    + $"[{string.Join(", ", output.shape)}]."
            );
    }

    private sealed record Slice(long Start, long Count, List<IProjectionDelta> Deltas);
}
