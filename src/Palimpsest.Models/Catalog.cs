namespace Palimpsest.Models;

/// <summary>The published systems of this project: adapters.</summary>
public static class Catalog
{
    private const SystemOffers Adapter = SystemOffers.Adapter;

    /// <summary>Every line; a system is attached to a model with a seed.</summary>
    public static IReadOnlyList<CatalogEntry<Func<CausalLM, ulong, LoraAdapter>>> All { get; } =
    [
        New("lora", "Low-rank adaptation", "2106.09685", options => options),
        New(
            "rslora",
            "Rank-stabilised low-rank adaptation",
            "2312.03732",
            options => options with { RankStabilized = true }
        ),
        New(
            "dora",
            "Weight-decomposed low-rank adaptation",
            "2402.09353",
            options => options with { WeightDecomposed = true }
        ),
    ];

    private static CatalogEntry<Func<CausalLM, ulong, LoraAdapter>> New(
        string id,
        string title,
        string arXiv,
        Func<LoraOptions, LoraOptions> variant
    ) =>
        CatalogEntry.Of<LoraOptions, Func<CausalLM, ulong, LoraAdapter>>(
            id,
            title,
            arXiv,
            Adapter,
            options => (model, seed) => LoraAdapter.Attach(model, id, variant(options), seed)
        );
}
