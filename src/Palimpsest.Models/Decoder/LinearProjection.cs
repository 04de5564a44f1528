using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>A dense weight, perhaps several layers fused by rows, with deltas on slices of its output.</summary>
public sealed class LinearProjection : Projection
{
    private readonly List<Slice> _slices = [];
    private readonly bool _onCpu;

    /// <summary>A projection over given parameters.</summary>
    /// <param name="name">Its name within the module tree.</param>
    /// <param name="weight">[Out, In] float32.</param>
    /// <param name="bias">[Out] float32, or null.</param>
    /// <param name="shared">True when another module owns the weight (tied head).</param>
    public LinearProjection(string name, Parameter weight, Parameter? bias = null, bool shared = false)
        : base(name)
    {
        Weight = weight;
        Bias = bias;
        (OutFeatures, InFeatures) = (weight.shape[0], weight.shape[1]);
        _onCpu = weight.device_type == DeviceType.CPU && weight.dtype == ScalarType.Float32 && weight.is_contiguous();
        if (!shared)
            register_parameter("weight", weight);
        if (bias is not null)
            register_parameter("bias", bias);
    }

    /// <summary>The weight [Out, In].</summary>
    public Parameter Weight { get; }

    /// <summary>The bias [Out], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override long InFeatures { get; }

    /// <inheritdoc/>
    public override long OutFeatures { get; }

    /// <summary>Puts a delta on the outputs from <paramref name="rowStart"/> on; slices either coincide or are disjoint.</summary>
    /// <exception cref="ArgumentException">The slice is outside or cuts another one.</exception>
    public void AddDelta(long rowStart, long rowCount, IProjectionDelta delta)
    {
        if (rowStart < 0 || rowCount < 1 || rowStart + rowCount > OutFeatures)
            throw new ArgumentException($"Rows {rowStart} to {rowStart + rowCount} are outside the {OutFeatures} outputs.", nameof(rowStart));
        var slice = _slices.Find(s => s.Start < rowStart + rowCount && rowStart < s.Start + s.Count);
        if (slice is null)
        {
            slice = new(rowStart, rowCount, []);
            _slices.Add(slice);
            _slices.Sort((a, b) => a.Start.CompareTo(b.Start));
        }
        else if (slice.Start != rowStart || slice.Count != rowCount)
        {
            throw new ArgumentException($"Rows {rowStart} to {rowStart + rowCount} cut the slice {slice.Start} to {slice.Start + slice.Count}.", nameof(rowStart));
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
    public override Tensor forward(Tensor input)
    {
        var output = _onCpu && !is_grad_enabled() && input.numel() is var numbers && numbers <= ThinLinearKernel.MostRows * InFeatures
            ? ThinLinearKernel.Forward(TensorMemory.Contiguous(input), Weight, Bias, numbers / InFeatures, InFeatures, OutFeatures)
            : nn.functional.linear(input, Weight, Bias);
        return HasActiveDeltas ? ApplyDeltas(input, output) : output;
    }

    /// <inheritdoc/>
    public override Tensor Materialize()
    {
        using var scope = NewDisposeScope();
        if (!HasActiveDeltas)
            return Weight.detach().alias().MoveToOuterDisposeScope();
        List<Tensor> parts = [];
        long next = 0;
        foreach (var slice in _slices)
        {
            if (slice.Start > next)
                parts.Add(Weight.narrow(0, next, slice.Start - next));
            parts.Add(slice.Deltas.Where(d => d.Active).Aggregate(Weight.narrow(0, slice.Start, slice.Count), (w, d) => d.Merge(w)));
            next = slice.Start + slice.Count;
        }

        if (next < OutFeatures)
            parts.Add(Weight.narrow(0, next, OutFeatures - next));
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
