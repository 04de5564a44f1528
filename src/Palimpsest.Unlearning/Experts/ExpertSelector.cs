namespace Palimpsest.Unlearning;

/// <summary>Chooses the weights of single experts and of the routers of their layers.</summary>
/// <param name="experts">Layers and experts, counted from 0; at least one.</param>
public sealed class ExpertSelector(IReadOnlyList<(int Layer, int Expert)> experts) : IParameterSelector
{
    /// <inheritdoc/>
    public string Description => $"experts {string.Join(' ', experts.Select(e => $"{e.Layer}/{e.Expert}"))}";

    /// <inheritdoc/>
    public IReadOnlyList<ParameterRef> Select(CausalLM model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ExpertAffinity.RequireExperts(model, "A choice of experts");
        foreach (var (layer, expert) in experts)
        {
            if (!model.ParameterRefs.Any(weight => weight.Layer == layer && weight.Expert == expert))
                throw new InputException($"The model has no expert {expert} in layer {layer}.");
        }

        return [.. model.ParameterRefs.Where(weight => IsChosen(weight, model.Config.Experts!.Count))];
    }

    // The gate of a shared expert is counted among the routers, but routes nothing: it has one row.
    private bool IsChosen(ParameterRef weight, int count) =>
        experts.Any(chosen =>
            weight.Layer == chosen.Layer
            && (
                weight.Expert == chosen.Expert
                || (weight.Component == ModelComponent.Router && weight.RowCount == count)
            )
        );
}
