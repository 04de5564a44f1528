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

    /// <summary>Rows of the weight without deltas [count, In] float32; the caller disposes them.</summary>
    /// <remarks>A view of a dense weight, which writes reach; else a tensor of its own.</remarks>
    public abstract Tensor BaseWeight(long rowStart, long rowCount);

    /// <summary>A projection of the same frozen weight with another bias; null where the weight is a parameter, which
    /// is copied instead.</summary>
    public virtual Projection? Share(Parameter? bias) => null;

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
    public sealed override Tensor forward(Tensor input)
    {
        var output = Linear(input);
        return HasActiveDeltas ? ApplyDeltas(input, output) : output;
    }

    /// <summary>The weight [Out, In] float32 that a plain linear layer would need to give the same output.</summary>
    public Tensor Materialize()
    {
        using var scope = NewDisposeScope();
        if (!HasActiveDeltas)
            return BaseWeight(0, OutFeatures).detach().MoveToOuterDisposeScope();
        List<Tensor> parts = [];
        long next = 0;
        foreach (var slice in _slices)
        {
            if (slice.Start > next)
                parts.Add(BaseWeight(next, slice.Start - next));
            parts.Add(
                slice.Deltas.Where(d => d.Active).Aggregate(BaseWeight(slice.Start, slice.Count), (w, d) => d.Merge(w))
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

    /// <summary>Takes over the deltas of the projection that this one replaces.</summary>
    internal void TakeDeltas(Projection other)
    {
        _slices.AddRange(other._slices);
        other._slices.Clear();
    }

    /// <summary>x Wᵀ + b, without deltas.</summary>
    protected abstract Tensor Linear(Tensor input);

    private Tensor ApplyDeltas(Tensor input, Tensor output)
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
                    part = delta.Apply(input, part);
            }

            parts.Add(part);
            next = slice.Start + slice.Count;
        }

        if (next < OutFeatures)
            parts.Add(output.narrow(-1, next, OutFeatures - next));
        return parts.Count == 1 ? parts[0] : cat(parts, -1);
    }

    private sealed record Slice(long Start, long Count, List<IProjectionDelta> Deltas);
}
