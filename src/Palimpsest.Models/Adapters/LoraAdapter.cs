namespace Palimpsest.Models;

/// <summary>A low-rank adapter attached to a model: W' = W + s·B A. Hu et al. 2021, arXiv:2106.09685.</summary>
/// <remarks>Several adapters can be attached; those that are active add up. Dispose detaches.</remarks>
public sealed class LoraAdapter : IDisposable
{
    /// <summary>Attaches a new adapter; B is zero, so that the model's output does not change. Base weights are frozen.</summary>
    public static LoraAdapter Attach(CausalLM model, string name, LoraOptions options, ulong seed) => throw new NotImplementedException();

    /// <summary>Attaches an adapter from a PEFT folder.</summary>
    /// <exception cref="InputException">A file or tensor is missing or does not fit.</exception>
    public static LoraAdapter Load(CausalLM model, string folder, string name = "default") => throw new NotImplementedException();

    /// <summary>Writes adapter_config.json and adapter_model.safetensors.</summary>
    public void Save(string folder) => throw new NotImplementedException();

    /// <summary>Its name within the model.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>Its settings.</summary>
    public LoraOptions Options => throw new NotImplementedException();

    /// <summary>Whether the forward pass uses it.</summary>
    public bool Active { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }

    /// <summary>Its trainable weights under PEFT's names.</summary>
    public IReadOnlyList<ParameterRef> ParameterRefs => throw new NotImplementedException();

    /// <summary>Adds the update to the base weights and makes the adapter inactive.</summary>
    public void Merge() => throw new NotImplementedException();

    /// <summary>Takes a merged update out again, bit for bit.</summary>
    public void Unmerge() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
