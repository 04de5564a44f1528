namespace Palimpsest.Benchmarks;

/// <summary>A Llama-like model of the size that the peers were measured at; weights are random.</summary>
internal sealed record ModelSize(
    string Name,
    int Layers,
    int Hidden,
    int Heads,
    int KeyValueHeads,
    int Intermediate,
    int Vocabulary
)
{
    /// <summary>More than the longest context that is measured.</summary>
    public const int Positions = 16384;

    public static IReadOnlyList<ModelSize> All { get; } =
    [
        new("1.3M", 4, 128, 4, 2, 344, 2048),
        new("5M", 6, 256, 8, 4, 688, 2048),
        new("14M", 8, 384, 8, 4, 1024, 4096),
        new("100M", 12, 768, 12, 4, 2048, 32000),
    ];

    /// <summary>No end token: every generation takes all its steps.</summary>
    public DecoderConfig Config =>
        DecoderConfig.TinyLlama(Vocabulary, Hidden, Layers, Heads, KeyValueHeads, Intermediate, Positions) with
        {
            EosTokenIds = [],
        };

    public CausalLM Build(ulong seed = 1)
    {
        var model = new CausalLM(Config, seed);
        model.eval();
        return model;
    }

    /// <summary>Random ids [rows, length] int64.</summary>
    public long[] Tokens(int rows, int length, ulong seed)
    {
        var random = new SeededRandom(seed);
        var ids = new long[rows * length];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = random.Below(Vocabulary);
        return ids;
    }
}
