namespace Palimpsest.Checkpoints;

/// <summary>Whether a folder's tensors are those that its model needs.</summary>
internal static class WeightCheck
{
    /// <summary>Checks names, shapes and types before a value is read.</summary>
    /// <param name="model">The model, perhaps without weights.</param>
    /// <param name="weights">The folder's tensors.</param>
    /// <exception cref="InputException">A tensor is missing, unknown, there twice, not of floats, or of another
    /// shape.</exception>
    public static void RequireFit(CausalLM model, WeightFiles weights)
    {
        var expected = model.ExpectedWeights;
        var missing = expected.ToDictionary(w => w.Name, w => w.Shape, StringComparer.Ordinal);
        foreach (var name in weights.Names)
        {
            var file = weights.PathOf(name);
            if (model.WeightName(name, weights.Contains) is not { } known)
            {
                if (model.IsSurplus(name))
                    continue;
                throw new InputException($"{file}: tensor '{name}' is not a weight of a {model.Config.Family} model.");
            }

            if (!missing.Remove(known, out var shape))
                throw new InputException($"{file}: tensor '{name}' is there twice.");
            var spec = weights.Spec(name);
            if (
                spec.Type is not (ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float64)
            )
                throw new InputException($"{file}: tensor '{name}' is {spec.Type}; allowed are floating-point types.");
            if (!spec.Shape.SequenceEqual(shape))
                throw new InputException(
                    $"{file}: tensor '{name}' is [{string.Join(", ", spec.Shape)}]; the model needs "
                        + $"[{string.Join(", ", shape)}]."
                );
        }

        if (missing.Count > 0)
        {
            throw new InputException(
                $"{weights.Folder}: tensor '{missing.Keys.Order(StringComparer.Ordinal).First()}' is missing "
                    + $"({missing.Count} of {expected.Count} are)."
            );
        }
    }
}
