using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>A projection's weight, trained and stored whole beside the base (<c>modules_to_save</c>).</summary>
internal sealed class ReplacedWeight(ProjectionRef target, Parameter weight) : IProjectionDelta
{
    /// <summary>The projection it replaces.</summary>
    public ProjectionRef Target => target;

    /// <summary>The weight [Out, In] float32.</summary>
    public Parameter Weight => weight;

    /// <inheritdoc/>
    public string Name => $"replaced weight of {target.Path}";

    /// <inheritdoc/>
    public bool Active { get; set; } = true;

    /// <inheritdoc/>
    public Tensor Apply(Tensor x, Tensor output, in DeltaContext context) =>
        nn.functional.linear(x, weight, target.Bias());

    /// <inheritdoc/>
    public Tensor TryMerge(Tensor original) => weight.detach().alias();
}
