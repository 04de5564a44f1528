namespace Palimpsest.Inference;

/// <summary>The published policies for caches.</summary>
public static class KvPolicies
{
    /// <summary>Every line.</summary>
    public static IReadOnlyList<CatalogEntry<IKvPolicy>> All { get; } =
    [
        Reproduced<StreamingLlmOptions>(
            "streaming-llm",
            "Attention sinks and a recent window",
            "2309.17453",
            options => new StreamingLlm(options)
        ),
        New<H2oOptions>("h2o", "Heavy hitters of attention", "2306.14048", options => new H2o(options)),
        New<TovaOptions>("tova", "Token omission via attention", "2401.06104", options => new Tova(options)),
        Reproduced<SnapKvOptions>(
            "snapkv",
            "The prompt's last tokens vote for entries",
            "2404.14469",
            options => new SnapKv(options)
        ),
        New<PyramidKvOptions>(
            "pyramidkv",
            "The vote with more entries in lower layers",
            "2406.02069",
            options => new PyramidKv(options)
        ),
        New<AdaKvOptions>(
            "ada-kv",
            "The heads of a layer share one budget",
            "2407.11550",
            options => new AdaKv(options)
        ),
        New<KeyNormOptions>("knorm", "Short keys stay", "2406.11430", options => new KeyNorm(options)),
        New<KeyDiffOptions>("keydiff", "Keys unlike the others stay", "2504.15364", options => new KeyDiff(options)),
        New<ExpectedAttentionOptions>(
            "expected-attention",
            "Entries that queries to come will attend to",
            "2510.00636",
            options => new ExpectedAttention(options)
        ),
        New<CamOptions>("cam", "Values that leave are merged into those behind", "", options => new Cam(options)),
        New<D2oOptions>(
            "d2o",
            "Budgets by layer, and what leaves is merged into what it resembles",
            "2406.13035",
            options => new D2o(options)
        ),
        New<KvMergerOptions>(
            "kvmerger",
            "Runs of similar neighbours become one entry",
            "2407.08454",
            options => new KvMerger(options)
        ),
        New<SirLlmOptions>(
            "sirllm",
            "Surprising tokens stay and fade by round",
            "2405.12528",
            options => new SirLlm(options)
        ),
        New<InfLlmOptions>(
            "infllm",
            "A window, and blocks of the past that answer its queries",
            "2402.04617",
            options => new InfLlm(options)
        ),
        New<RazorAttentionOptions>(
            "razor-attention",
            "Heads that look far back keep everything",
            "2407.15891",
            options => new RazorAttention(options)
        ),
        New<ThinkOptions>(
            "think",
            "Channels of keys that matter little go",
            "2407.21018",
            options => new Think(options)
        ),
        New<MiKvOptions>("mikv", "What others would drop is held as codes", "2402.18096", options => new MiKv(options)),
        Reproduced<KiviOptions>(
            "kivi",
            "Keys and values as codes of few bits",
            "2402.02750",
            options => new Kivi(options)
        ),
    ];

    private static CatalogEntry<IKvPolicy> New<TOptions>(
        string id,
        string title,
        string arXiv,
        Func<TOptions, IKvPolicy> create
    )
        where TOptions : class, new() =>
        CatalogEntry.Of<TOptions, IKvPolicy>(id, title, arXiv, SystemOffers.CachePolicy, create);

    private static CatalogEntry<IKvPolicy> Reproduced<TOptions>(
        string id,
        string title,
        string arXiv,
        Func<TOptions, IKvPolicy> create
    )
        where TOptions : class, new() =>
        CatalogEntry.Of<TOptions, IKvPolicy>(
            id,
            title,
            arXiv,
            SystemOffers.CachePolicy | SystemOffers.Reproduction,
            create
        );
}
