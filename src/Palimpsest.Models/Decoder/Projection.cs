namespace Palimpsest.Models;

/// <summary>A linear map y = x Wᵀ (+ b): one slot for plain, adapted, quantised or factorised weights.</summary>
/// <remarks>x [..., In] → y [..., Out].</remarks>
public abstract class Projection(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>Width of the input.</summary>
    public abstract long InFeatures { get; }

    /// <summary>Width of the output.</summary>
    public abstract long OutFeatures { get; }

    /// <summary>The weight [Out, In] float32 that a plain linear layer would need to give the same output.</summary>
    public abstract Tensor Materialize();
}
