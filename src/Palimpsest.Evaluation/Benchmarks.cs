namespace Palimpsest.Evaluation;

/// <summary>The benchmarks that a command is made of: each reads its authors' files, or makes rows of a fictitious
/// world.</summary>
public static class Benchmarks
{
    /// <summary>Every one of them but TOFU, which has a command of its own.</summary>
    public static IReadOnlyList<CatalogEntry<IBenchmark>> All { get; } =
    [
        New<TaskOptions>(
            "lm-eval",
            "Tasks of multiple choice and generation in rows",
            "2405.14782",
            options => new LmEvalBenchmark(options)
        ),
        New<WmdpOptions>(
            "wmdp",
            "Hazardous knowledge in multiple choice",
            "2403.03218",
            options => new WmdpBenchmark(options)
        ),
        New<MuseOptions>(
            "muse",
            "Verbatim and knowledge memory, leakage, utility",
            "2407.06460",
            options => new MuseBenchmark(options)
        ),
        New<RwkuOptions>(
            "rwku",
            "A person whose name alone is given is forgotten",
            "2406.10890",
            options => new RwkuBenchmark(options)
        ),
        New<RetentionOptions>(
            "recognition-recall-retention",
            "Memory of texts that were studied, and its decay",
            "2303.17557",
            options => new RetentionBenchmark(options)
        ),
    ];

    private static CatalogEntry<IBenchmark> New<TOptions>(
        string id,
        string title,
        string arXiv,
        Func<TOptions, IBenchmark> create
    )
        where TOptions : class, new() =>
        CatalogEntry.Of<TOptions, IBenchmark>(id, title, arXiv, SystemOffers.Benchmark, create);
}
