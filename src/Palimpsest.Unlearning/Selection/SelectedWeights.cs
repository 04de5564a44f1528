namespace Palimpsest.Unlearning;

/// <summary>Lets a run change the selected weights alone, and of these the values alone that a mask leaves free; of
/// weights that are stored fused with others, the others' updates are taken out.</summary>
/// <param name="selector">The choice.</param>
/// <param name="mask">What it says of the values within weights, or null; disposed with this.</param>
internal sealed class SelectedWeights(IParameterSelector selector, UpdateMask? mask) : ITrainExtension, IDisposable
{
    private readonly HashSet<string> _chosen = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Fingerprint => $"may change: {selector.Description}" + (mask is null ? "" : $" {mask.Fingerprint}");

    /// <summary>What a job chooses; null where it chooses nothing.</summary>
    public static SelectedWeights? Of(UnlearnJob job, CancellationToken cancellationToken) =>
        job.MayChange is { } selector ? new(selector, selector.Mask(job, cancellationToken)) : null;

    /// <summary>Marks what trains.</summary>
    public void Apply(CausalLM model)
    {
        foreach (var parameter in model.parameters())
            parameter.requires_grad_(false);
        foreach (var weight in selector.Select(model))
        {
            weight.Storage.requires_grad_(true);
            _chosen.Add(weight.Name);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<ParameterRef> MaskedWeights(ITrainable model)
    {
        var left = model.ParameterRefs.Where(w => w.IsDense && w.Storage.requires_grad && !_chosen.Contains(w.Name));
        return mask is null ? left : left.Concat(mask.MaskedWeights(model).Where(w => _chosen.Contains(w.Name)));
    }

    /// <inheritdoc/>
    public void OnUpdate(ParameterRef weight, Tensor update, TrainStep step)
    {
        if (_chosen.Contains(weight.Name))
            mask!.OnUpdate(weight, update, step);
        else
            update.zero_();
    }

    /// <inheritdoc/>
    public void Dispose() => mask?.Dispose();
}
