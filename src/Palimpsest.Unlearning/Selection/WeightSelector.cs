namespace Palimpsest.Unlearning;

/// <summary>Chooses weights by layer, component and the end of their names; what is null restricts nothing.</summary>
public sealed record WeightSelector : IParameterSelector
{
    /// <summary>Layers, counted from 0; weights outside the blocks are left out where this is set.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Components.</summary>
    public IReadOnlyList<ModelComponent>? Components { get; init; }

    /// <summary>Ends of names, for example <c>down_proj.weight</c>.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <inheritdoc/>
    public string Description => $"layers {List(Layers)}, components {List(Components)}, names {List(Names)}";

    /// <inheritdoc/>
    public IReadOnlyList<ParameterRef> Select(CausalLM model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ParameterRef[] found =
        [
            .. model.ParameterRefs.Where(weight =>
                (Layers is null || weight.Layer is { } layer && Layers.Contains(layer))
                && (Components is null || Components.Contains(weight.Component))
                && (Names is null || Names.Any(name => EndsWith(weight.Name, name)))
            ),
        ];
        return found.Length > 0
            ? found
            : throw new InputException(
                $"No weight of the {model.Config.Family} model is of {Description}; it has {model.Config.Layers} "
                    + $"layers."
            );
    }

    private static bool EndsWith(string name, string end) =>
        name == end || name.EndsWith("." + end, StringComparison.Ordinal);

    private static string List<T>(IReadOnlyList<T>? values) => values is null ? "any" : string.Join(" ", values);
}
