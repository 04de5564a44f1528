namespace Palimpsest.Training;

/// <summary>The published systems of this project: losses and relearning.</summary>
public static class Catalog
{
    /// <summary>Every line.</summary>
    public static IReadOnlyList<CatalogEntry> All { get; } =
    [
        CatalogEntry.Of<TiledCrossEntropyOptions, Func<Tensor, Tensor, Tensor, Tensor>>(
            "cut-cross-entropy",
            "Loss without the matrix of tokens by vocabulary",
            "2411.09009",
            SystemOffers.Loss | SystemOffers.Reproduction,
            options =>
                (hidden, classifier, labels) =>
                    TiledCrossEntropy.Loss(hidden, classifier, labels, LossReduction.TokenMean, options: options)
        ),
        CatalogEntry.Of<NextTokenLossOptions, IObjective>(
            "expert-balance",
            "Load balancing of a mixture of experts",
            "2101.03961",
            SystemOffers.Loss,
            options => new NextTokenLoss(options)
        ), // ExpertBalance
        CatalogEntry.Of<RelearnOptions, Func<IReadOnlyList<(string Question, string Answer)>, RelearnTransform>>(
            "relearning",
            "Relearning a part to see what returns beside it",
            "2410.08827",
            SystemOffers.Transform,
            options => rows => new RelearnTransform(rows, options)
        ),
    ];
}
