namespace Palimpsest.Checkpoints;

/// <summary>Replaces projections while a model is loaded, each as soon as its weights are there: the dense model never
/// exists whole.</summary>
/// <param name="model">A model whose weights are being imported.</param>
/// <param name="replacement">Makes the projection that replaces one; null replaces none.</param>
internal sealed class LoadedSlots(CausalLM model, Func<LinearProjection, Projection>? replacement)
{
    private readonly Dictionary<string, ProjectionSlot> _slotOf = replacement is null
        ? []
        : model
            .ParameterRefs.Where(r =>
                r.Slot is not null && r.Component is not (ModelComponent.Head or ModelComponent.Embedding)
            )
            .ToDictionary(r => r.Name, r => r.Slot!, StringComparer.Ordinal);

    private readonly Dictionary<ProjectionSlot, HashSet<string>> _missing = [];

    /// <summary>Notes that a weight is in its place.</summary>
    /// <param name="name">The model's name of it.</param>
    public void Imported(string name)
    {
        if (!_slotOf.TryGetValue(name, out var slot))
            return;
        if (!_missing.TryGetValue(slot, out var missing))
            _missing.Add(slot, missing = [.. _slotOf.Where(other => other.Value == slot).Select(other => other.Key)]);
        if (missing.Remove(name) && missing.Count == 0)
            model.ReplaceProjection(slot, replacement!);
    }

    /// <summary>Freezes the parameters of a model that was loaded so.</summary>
    public void Finish()
    {
        if (replacement is not null)
            model.ReplaceProjections(replacement);
    }
}
