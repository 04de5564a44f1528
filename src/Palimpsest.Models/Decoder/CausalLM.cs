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

    /// <summary>Every linear map under its Hugging Face module path: where adapters are attached.</summary>
    public IReadOnlyList<ProjectionRef> Projections => throw new NotImplementedException();

    /// <summary>What is attached and goes along with <see cref="Clone"/>.</summary>
    public IList<IModelAttachment> Attachments => throw new NotImplementedException();

    /// <summary>A model whose weights are not set: every one must be imported before use.</summary>
    public static CausalLM WithoutWeights(DecoderConfig config, Device? device = null) => throw new NotImplementedException();

    /// <summary>Copies a checkpoint's tensor, of any float type, into the weight of that name.</summary>
    /// <returns>False when the model has no such weight and needs none (buffers of old checkpoints, a tied head).</returns>
    /// <exception cref="InputException">The shape does not fit; the message has the name and both shapes.</exception>
    public bool ImportWeight(string name, Tensor value) => throw new NotImplementedException();

    /// <summary>Every weight as a checkpoint holds it, in a stable order; the caller disposes each tensor.</summary>
    public IEnumerable<(string Name, Tensor Value)> ExportWeights() => throw new NotImplementedException();

    /// <summary>Names and shapes of the tensors that a checkpoint of this model must hold.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> ExpectedWeights => throw new NotImplementedException();

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
