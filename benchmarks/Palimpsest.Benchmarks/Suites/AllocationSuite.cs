namespace Palimpsest.Benchmarks;

/// <summary>Managed bytes per decoded token: the same for late tokens as for early ones.</summary>
internal sealed class AllocationSuite : ISuite
{
    private const int Prompt = 32;
    private static readonly int[] Counts = [128, 512, 1536];

    public void Run(Report report, IReadOnlyList<ModelSize> sizes)
    {
        foreach (var size in sizes.Where(s => s.Name is "1.3M" or "14M"))
        {
            using var model = RandomModel.Build(size);
            var (totals, gflops) = Timing.Calibrated(() =>
                Counts.Select(tokens => Allocated(model, size, tokens)).ToArray()
            );
            var (early, late) = ((totals[1] - totals[0]) / 384, (totals[2] - totals[1]) / 1024);
            var row = new Measurement
            {
                Bench = "allocations",
                Size = size.Name,
                Setting = "tokens 129 to 512",
                Value = early,
                Unit = "bytes/token",
                Gflops = gflops,
            };
            report.Add(row);
            report.Add(
                row with
                {
                    Setting = "tokens 513 to 1536",
                    Value = late,
                    Against = "the earlier tokens",
                    Ratio = late / early,
                    Goal = new(1.05, false),
                }
            );
        }
    }

    private static double Allocated(Inference.LanguageModel model, ModelSize size, int tokens)
    {
        RandomModel.Generate(model, size, 1, Prompt, tokens);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        RandomModel.Generate(model, size, 1, Prompt, tokens);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
