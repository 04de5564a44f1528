namespace Palimpsest.Models;

/// <summary>The decoder of every model family: a family is a configuration and a weight-name map.</summary>
public sealed class CausalLM : nn.Module
{
    /// <summary>A model with random weights.</summary>
    /// <param name="config">Sizes and variants.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <param name="device">Where the weights live; the CPU by default.</param>
    public CausalLM(DecoderConfig config, ulong seed, Device? device = null)
        : base(nameof(CausalLM)) => throw new NotImplementedException();

    /// <summary>Sizes and variants.</summary>
    public DecoderConfig Config => throw new NotImplementedException();

    /// <summary>Where the weights live.</summary>
    public Device Device => throw new NotImplementedException();

    /// <summary>Every weight under its Hugging Face name, adapters left out.</summary>
    public IReadOnlyList<ParameterRef> ParameterRefs => throw new NotImplementedException();

    /// <summary>Head weight [V, D]: the embedding itself where the two are tied.</summary>
    public TorchSharp.Modules.Parameter HeadWeight => throw new NotImplementedException();

    /// <summary>Head bias [V], or null.</summary>
    public TorchSharp.Modules.Parameter? HeadBias => throw new NotImplementedException();

    /// <summary>Training, scoring, prefill and decode.</summary>
    /// <remarks>The caller disposes the tensors of the result.</remarks>
    /// <exception cref="ArgumentException">More tokens than positions, or shapes that do not fit.</exception>
    public ForwardOutput Forward(ForwardInput input) => throw new NotImplementedException();

    /// <summary>An independent copy without gradients: a reference model. Active adapters are merged into it.</summary>
    public CausalLM CloneFrozen() => throw new NotImplementedException();

    /// <summary>An independent trainable copy with the same adapters.</summary>
    public CausalLM Clone() => throw new NotImplementedException();
}
