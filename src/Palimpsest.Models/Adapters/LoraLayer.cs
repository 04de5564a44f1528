using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>The low-rank update of one projection: y + s·B(Ax); with a magnitude m also m / ‖W + s·BA‖ row by row
/// (DoRA).</summary>
internal sealed class LoraLayer(ProjectionRef target, Parameter down, Parameter up, Parameter? magnitude, double scale)
    : IProjectionDelta
{
    /// <summary>The projection it changes.</summary>
    public ProjectionRef Target => target;

    /// <summary>A [r, In] float32.</summary>
    public Parameter Down => down;

    /// <summary>B [Out, r] float32.</summary>
    public Parameter Up => up;

    /// <summary>m [Out] float32, or null.</summary>
    public Parameter? Magnitude => magnitude;

    /// <inheritdoc/>
    public string Name => $"low-rank update of {target.Path}";

    /// <inheritdoc/>
    public bool Active { get; set; } = true;

    /// <inheritdoc/>
    public Tensor Apply(Tensor x, Tensor output, in DeltaContext context)
    {
        var update = nn.functional.linear(nn.functional.linear(x, down), up) * scale;
        if (magnitude is null)
            return output + update;
        var bias = target.Bias();
        var plain = bias is null ? output : output - bias;
        using var weight = target.Weight();
        var factor = magnitude / Norm(weight);
        return output + (factor - 1) * plain + factor * update;
    }

    /// <inheritdoc/>
    public Tensor TryMerge(Tensor weight)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var changed = weight + mm(up, down) * scale;
        if (magnitude is not null)
            changed *= (magnitude / Norm(weight)).unsqueeze(1);
        return changed.MoveToOuterDisposeScope();
    }

    /// <summary>‖W + s·BA‖ of each row [Out]; a constant to gradients, as published.</summary>
    private Tensor Norm(Tensor weight)
    {
        using var grad = no_grad();
        return (weight + mm(up, down) * scale).norm(1, false, 2);
    }
}
