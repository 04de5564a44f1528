namespace Palimpsest.Unlearning;

/// <summary>Lets a run change the selected weights alone; of weights that are stored fused with others, the others'
/// updates are taken out.</summary>
internal sealed class SelectedWeights(IParameterSelector selector) : ITrainExtension
{
    /// <inheritdoc/>
    public string Fingerprint => $"may change: {selector.Description}";

    /// <summary>Marks what trains.</summary>
    public void Apply(CausalLM model)
    {
        foreach (var parameter in model.parameters())
            parameter.requires_grad_(false);
        foreach (var weight in selector.Select(model))
            weight.Storage.requires_grad_(true);
    }

    /// <inheritdoc/>
    public IEnumerable<ParameterRef> MaskedWeights(ITrainable model)
    {
        var chosen = selector.Select((CausalLM)model).Select(weight => weight.Name).ToHashSet(StringComparer.Ordinal);
        return model.ParameterRefs.Where(w => w.IsDense && w.Storage.requires_grad && !chosen.Contains(w.Name));
    }

    /// <inheritdoc/>
    public void OnUpdate(ParameterRef weight, Tensor update, TrainStep step) => update.zero_();
}
