namespace Palimpsest.Checkpoints;

/// <summary>Weights of the base that PEFT stores beside an adapter: <c>base_layer</c> tensors where the head is a
/// target, embeddings that it was told to save.</summary>
/// <remarks>They change nothing where they are the base's own. Others would change the base itself, without a word of
/// it in adapter_config.json.</remarks>
/// <param name="model">The base; an outline is enough.</param>
/// <param name="weight">Gives a weight of the base as checkpoints hold it, float32, by its name.</param>
internal sealed class BaseCopies(CausalLM model, Func<string, Tensor> weight)
{
    private const string Layer = ".base_layer.";

    /// <summary>The name of the base's weight that a tensor of an adapter is a copy of, or null.</summary>
    /// <param name="name">The tensor's name without PEFT's prefix.</param>
    public string? NameOf(string name)
    {
        var known = name.Replace(Layer, ".", StringComparison.Ordinal);
        if (known == model.HeadWeightName && model.Config.TiedHead && !model.Config.HeadBias)
            return model.ParameterRefs[0].Name;
        var reference = model.ParameterRefs.FirstOrDefault(r => r.Name == known);
        return
            reference is not null
            && (known != name || reference.Component is ModelComponent.Embedding or ModelComponent.Head)
            ? known
            : null;
    }

    /// <summary>Refuses a copy that is not the base's weight, rounded to the type of the copy.</summary>
    /// <param name="place">File and tensor, for the message.</param>
    /// <param name="baseName">What <see cref="NameOf"/> gave.</param>
    /// <param name="copy">The copy, of any float type.</param>
    /// <exception cref="InputException">It has another shape or other values.</exception>
    public void RequireEqual(string place, string baseName, Tensor copy)
    {
        using var scope = NewDisposeScope();
        using var own = weight(baseName);
        if (!own.shape.SequenceEqual(copy.shape))
            throw new InputException(
                $"{place} is [{string.Join(", ", copy.shape)}], the base's '{baseName}' "
                    + $"[{string.Join(", ", own.shape)}]: the adapter was trained on a base of another vocabulary."
            );
        if (!own.to(copy.dtype).to(copy.device).eq(copy).all().item<bool>())
            throw new InputException(
                $"{place} is not the base's '{baseName}': an adapter that changes the embedding or the base's own "
                    + "weights is not supported; merge it in PEFT."
            );
    }
}
