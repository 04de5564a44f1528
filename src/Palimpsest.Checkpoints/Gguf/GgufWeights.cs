namespace Palimpsest.Checkpoints;

/// <summary>The tensors of a GGUF file, decoded to float32 in the shapes of a Hugging Face folder.</summary>
internal sealed class GgufWeights : IStoredWeights
{
    private readonly GgufFile _file;
    private readonly GgufWeightLayout _layout;
    private readonly Dictionary<string, (string Stored, IReadOnlyList<long> Shape)> _places;

    /// <summary>Takes an open file over and checks that its tensors are those of the model.</summary>
    /// <exception cref="InputException">A tensor is missing, unknown, there twice or of another size.</exception>
    public GgufWeights(GgufFile file, CausalLM outline)
    {
        var config = outline.Config;
        var (names, shapes) = (
            new GgufNames(config),
            outline.ParameterRefs.ToDictionary(r => r.Name, r => r.CheckpointShape, StringComparer.Ordinal)
        );
        (_file, _layout, _places) = (file, new(config), new(StringComparer.Ordinal));
        foreach (var tensor in file.Tensors.Where(tensor => !GgufNames.IsSurplus(tensor.Name, config)))
        {
            var name = names.ModelName(tensor.Name);
            if (name is null || !shapes.TryGetValue(name, out var shape))
                throw new InputException(
                    $"{file.Path}: tensor '{tensor.Name}' is not a weight of this {config.Family} model."
                );
            if (shape.Aggregate(1L, (product, size) => product * size) != tensor.Count)
                throw new InputException(
                    $"{file.Path}: tensor '{tensor.Name}' is [{string.Join(", ", tensor.Shape)}]; the model needs "
                        + $"[{string.Join(", ", shape)}]."
                );
            if (!_places.TryAdd(name, (tensor.Name, [.. shape])))
                throw new InputException($"{file.Path}: tensor '{tensor.Name}' is there twice.");
        }

        if (shapes.Keys.Where(name => !_places.ContainsKey(name)).ToArray() is { Length: > 0 } missing)
        {
            var first = missing.Select(names.FileName).Order(StringComparer.Ordinal).First();
            throw new InputException($"{file.Path}: tensor '{first}' is missing ({missing.Length} are).");
        }
    }

    /// <inheritdoc/>
    public bool Contains(string name) => _places.ContainsKey(name);

    /// <inheritdoc/>
    public TensorSpec Spec(string name) => new(name, ScalarType.Float32, [.. _places[name].Shape]);

    /// <inheritdoc/>
    public string PathOf(string name) => _file.Path;

    /// <inheritdoc/>
    public Tensor Read(string name)
    {
        using var scope = NewDisposeScope();
        var value = _layout.ToModel(name, _file.Read(_places[name].Stored)).contiguous();
        return value.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
