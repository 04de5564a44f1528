namespace Palimpsest.Inference;

/// <summary>The published systems of this project: changes of weights that need no training.</summary>
public static class Catalog
{
    /// <summary>Every line.</summary>
    public static IReadOnlyList<CatalogEntry<IModelTransform>> All { get; } =
    [
        CatalogEntry.Of<QuantizeOptions, IModelTransform>(
            "quantisation",
            "Rounding weights to undo small changes",
            "2410.16454",
            SystemOffers.Transform,
            options => new QuantizeTransform(options)
        ),
    ];
}
