namespace Palimpsest.Benchmarks;

/// <summary>Reading a prompt of 2048 tokens into the cache, logits of the last token.</summary>
internal sealed class PrefillSuite : ISuite
{
    private const int Length = 2048;

    public void Run(Report report, IReadOnlyList<ModelSize> sizes)
    {
        foreach (var size in sizes.Where(s => s.Name != "5M"))
        {
            using var model = size.Build();
            using var scope = NewDisposeScope();
            using var cache = new KvCache(size.Config, 1, Length);
            var ids = tensor(size.Tokens(1, Length, seed: 7), [1, Length]);
            var (seconds, gflops) = Timing.Calibrated(() =>
                Timing.InTurn(size.Name == "100M" ? 3 : 7, () => Read(model, cache, ids))[0]
            );
            var row = new Measurement
            {
                Bench = "prefill",
                Size = size.Name,
                Setting = $"{Length} tokens",
                Value = Length / seconds,
                Unit = "tokens/s",
                Gflops = gflops,
            };
            report.AddSpeed(row, "PyTorch", p => p.Bench == "prefill" && p.Size == size.Name && p.Length == Length);
        }
    }

    /// <summary>Reads the ids into the emptied cache.</summary>
    public static void Read(CausalLM model, KvCache cache, Tensor ids)
    {
        using var scope = NewDisposeScope();
        cache.Truncate(0);
        model.Forward(
            new()
            {
                TokenIds = ids,
                Cache = cache,
                Logits = LogitsFor.LastToken,
            }
        );
    }
}
