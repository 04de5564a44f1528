namespace Palimpsest.Models;

/// <summary>An adapter's weights with the projections that they belong to.</summary>
/// <param name="Options">Settings.</param>
/// <param name="Layers">Low-rank updates.</param>
/// <param name="Replaced">Weights stored whole.</param>
/// <param name="Source">The text of the adapter_config.json that it was read from, or null.</param>
internal sealed record LoraWeights(
    LoraOptions Options,
    IReadOnlyList<LoraLayer> Layers,
    IReadOnlyList<ReplacedWeight> Replaced,
    string? Source = null
) : IDisposable
{
    /// <summary>Every change with the projection that it changes.</summary>
    public IEnumerable<(ProjectionRef Target, IProjectionDelta Delta)> Deltas =>
        Layers
            .Select(layer => (layer.Target, (IProjectionDelta)layer))
            .Concat(Replaced.Select(module => (module.Target, (IProjectionDelta)module)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in Layers)
        {
            layer.Down.Dispose();
            layer.Up.Dispose();
            layer.Magnitude?.Dispose();
        }

        foreach (var module in Replaced)
            module.Weight.Dispose();
    }
}
