using TorchSharp.Modules;

namespace Palimpsest.Models;

/// <summary>A projection whose weight is dense float32: a parameter.</summary>
public sealed class LinearProjection : Projection
{
    private readonly bool _onCpu;

    /// <summary>A projection over given parameters.</summary>
    /// <param name="name">Its name within the module tree.</param>
    /// <param name="weight">[Out, In] float32.</param>
    /// <param name="bias">[Out] float32, or null.</param>
    /// <param name="shared">True when another module owns the weight (tied head).</param>
    public LinearProjection(string name, Parameter weight, Parameter? bias = null, bool shared = false)
        : base(name, weight.shape[1], weight.shape[0], bias)
    {
        Weight = weight;
        _onCpu = weight.device_type == DeviceType.CPU && weight.dtype == ScalarType.Float32 && weight.is_contiguous();
        if (!shared)
            register_parameter("weight", weight);
        if (bias is not null)
            register_parameter("bias", bias);
    }

    /// <summary>The weight [Out, In].</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Parameter Value)> Parameters => [("weight", Weight)];

    /// <inheritdoc/>
    public override string HeldAs => "dense";

    /// <inheritdoc/>
    public override Tensor BaseWeight(long rowStart, long rowCount) => Weight.narrow(0, rowStart, rowCount);

    /// <inheritdoc/>
    public override Projection Clone(Parameter? bias) =>
        new LinearProjection(GetName(), LoraTargets.NewParameter(Weight.detach().clone()), bias);

    /// <inheritdoc/>
    protected override Tensor Linear(Tensor input) =>
        _onCpu
        && !is_grad_enabled()
        && input.numel() is var numbers
        && numbers <= ThinLinearKernel.MostRows * InFeatures
            ? ThinLinearKernel.Forward(
                TensorMemory.Contiguous(input),
                Weight,
                Bias,
                numbers / InFeatures,
                InFeatures,
                OutFeatures
            )
            : nn.functional.linear(input, Weight, Bias);
}
