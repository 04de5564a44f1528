namespace Palimpsest.Evaluation;

/// <summary>The published systems of this project: benchmarks, attacks, verdicts.</summary>
public static class Catalog
{
    /// <summary>Every line.</summary>
    public static IReadOnlyList<CatalogEntry> All { get; } =
    [
        CatalogEntry.Of<TofuOptions, Func<IScoredModel, TofuData, CancellationToken, Task<TofuResult>>>(
            "tofu",
            "Task of fictitious unlearning",
            "2401.06121",
            SystemOffers.Benchmark,
            options =>
                (model, data, cancellationToken) =>
                    TofuBenchmark.RunAsync(model, data, options, cancellationToken: cancellationToken)
        ),
        CatalogEntry.Of<SleekOptions, Sleek>(
            "sleek",
            "Step-by-step reasoning attack",
            "2506.17279",
            SystemOffers.Attack | SystemOffers.Reproduction,
            options => new Sleek(options)
        ),
        CatalogEntry.Of<VerdictOptions, Func<Recovery, MeasuredLevel, IReadOnlyList<Recovery>, SokVerdict>>(
            "sok",
            "Removal or suppression",
            "2506.09227",
            SystemOffers.Verdict,
            options =>
                (behaviour, utility, evidence) =>
                    SokVerdict.Of(behaviour, utility, evidence, privLeak: null, missing: [], options)
        ),
        .. Benchmarks.All,
        .. Attacks.All,
    ];
}
