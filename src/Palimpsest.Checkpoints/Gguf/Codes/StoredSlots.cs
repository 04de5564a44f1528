namespace Palimpsest.Checkpoints;

/// <summary>Puts a file's own codes into the places of a model whose weights are matrices of codes.</summary>
internal sealed class StoredSlots
{
    private readonly Dictionary<ProjectionSlot, IReadOnlyList<GgufRows>> _rows = [];
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);
    private readonly CausalLM _model;
    private readonly GgufFile _file;

    /// <summary>Finds the places: those whose tensors are all there, in a type other than float32.</summary>
    /// <exception cref="InputException">A tensor does not fit, or a scale is NaN or infinity.</exception>
    public StoredSlots(CausalLM model, GgufFile file)
    {
        (_model, _file) = (model, file);
        var (names, layout) = (new GgufNames(model.Config), new GgufWeightLayout(model.Config));
        foreach (var group in model.ParameterRefs.Where(r => r.Slot is not null).GroupBy(r => r.Slot!))
        {
            var weights = group.OrderBy(r => r.RowStart).ToArray();
            var tensors = weights.Select(w => file.Find(names.FileName(w.Name))).ToArray();
            if (!tensors.All(tensor => tensor is not null and not { Type: GgufType.F32 }))
                continue;
            _rows.Add(group.Key, [.. weights.Zip(tensors, (weight, tensor) => Rows(weight, tensor!, layout))]);
            _held.UnionWith(weights.Select(w => w.Name));
        }
    }

    /// <summary>Whether a weight is held as codes and not to be imported.</summary>
    public bool Holds(string name) => _held.Contains(name);

    /// <summary>Replaces the dense projections.</summary>
    public void Replace()
    {
        foreach (var (slot, rows) in _rows)
            _model.ReplaceProjection(slot, dense => new StoredProjection(dense.GetName(), _file, rows, dense.Bias));
    }

    private GgufRows Rows(ParameterRef weight, GgufTensor tensor, GgufWeightLayout layout)
    {
        var shape = weight.Shape;
        if (!tensor.Shape.SequenceEqual(shape) || shape.Length != 2 || shape[1] > int.MaxValue)
            throw new InputException(
                $"{_file.Path}: tensor '{tensor.Name}' is [{string.Join(", ", tensor.Shape)}]; the model needs "
                    + $"[{string.Join(", ", shape)}]."
            );
        try
        {
            var order = layout.StoredRows(weight.Name, shape[0]);
            var rows = new GgufRows(tensor.Type, _file.StartOf(tensor), shape[0], (int)shape[1], order);
            return rows.IsFinite() ? rows : throw new InputException("holds NaN or infinity.");
        }
        catch (InputException error)
        {
            throw new InputException($"{_file.Path}: tensor '{tensor.Name}': {error.Message}", error);
        }
    }
}
