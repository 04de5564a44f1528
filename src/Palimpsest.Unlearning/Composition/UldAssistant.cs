namespace Palimpsest.Unlearning;

/// <summary>Makes the small model that ULD teaches to remember what another is to forget.</summary>
public static class UldAssistant
{
    /// <summary>A copy of a model's embeddings, first layers, final norm and head: l = Head(Norm(T_K(x))).</summary>
    /// <param name="target">The model; active adapters are merged into the copy.</param>
    /// <param name="layers">K, from 1 to the target's layers; with all of them the copy gives the target's
    /// logits.</param>
    /// <returns>A frozen model in evaluation mode that the caller disposes; attach an adapter to train it.</returns>
    /// <exception cref="InputException">There are fewer layers.</exception>
    public static CausalLM Truncate(CausalLM target, int layers)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (layers < 1 || layers > target.Config.Layers)
            throw new InputException($"An assistant of {layers} layers; allowed is 1 to {target.Config.Layers}.");
        using var whole = target.CloneFrozen();
        var config = whole.Config with
        {
            Layers = layers,
            WindowedLayers = whole.Config.WindowedLayers?.Where(layer => layer < layers).ToArray(),
        };
        var copy = CausalLM.WithoutWeights(config, target.Device);
        try
        {
            foreach (var reference in copy.ParameterRefs)
            {
                using var scope = NewDisposeScope();
                using var grad = no_grad();
                copy.ImportWeight(reference.Name, Export(whole, reference.Name));
            }
        }
        catch
        {
            copy.Dispose();
            throw;
        }

        foreach (var parameter in copy.parameters())
            parameter.requires_grad_(false);
        copy.eval();
        return copy;
    }

    private static Tensor Export(CausalLM model, string name)
    {
        var reference = model.ParameterRefs.First(candidate => candidate.Name == name);
        var value = reference.Value().detach();
        return reference.Transposed ? value.t() : value;
    }
}
