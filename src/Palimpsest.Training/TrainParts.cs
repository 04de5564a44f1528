namespace Palimpsest.Training;

/// <summary>What beside weights and optimiser a checkpoint holds: objective, gradient source, extensions, each under a
/// prefix of its own.</summary>
internal sealed class TrainParts
{
    private readonly List<(string Prefix, ITrainState Part)> _parts;

    public TrainParts(ITrainState objective, ITrainState gradients, IReadOnlyList<ITrainExtension> extensions)
    {
        _parts = [("objective", objective), ("gradients", gradients)];
        for (var i = 0; i < extensions.Count; i++)
        {
            if (!ReferenceEquals(extensions[i], objective))
                _parts.Add(($"extension {i}", extensions[i]));
        }
    }

    /// <summary>The settings of all parts.</summary>
    public string Fingerprint => string.Join("; ", _parts.Select(part => $"{part.Prefix}: {part.Part.Fingerprint}"));

    /// <summary>The state of all parts; the caller's scope disposes what is not the state itself.</summary>
    public IEnumerable<(string Name, Tensor Value)> State() =>
        _parts.SelectMany(part => part.Part.State().Select(state => ($"{part.Prefix}/{state.Name}", state.Value)));

    /// <summary>Sets the state of all parts.</summary>
    public void LoadState(Func<string, Tensor> read)
    {
        foreach (var (prefix, part) in _parts)
        {
            using var scope = NewDisposeScope();
            part.LoadState(name => read($"{prefix}/{name}"));
        }
    }
}
