namespace Palimpsest.Benchmarks;

/// <summary>Greedy generation from a prompt of 32 tokens, batch 1 and 8, as the peers' <c>generate</c>.</summary>
internal sealed class GenerateSuite : ISuite
{
    private const int Prompt = 32;
    private static readonly int[] Batches = [1, 8];
    private static readonly Dictionary<string, (int New, int Rounds, double Goal)> Plan = new()
    {
        ["1.3M"] = (128, 7, 3),
        ["14M"] = (128, 5, 2),
        ["100M"] = (48, 5, 1.2),
    };

    public void Run(Report report, IReadOnlyList<ModelSize> sizes)
    {
        foreach (var size in sizes.Where(s => Plan.ContainsKey(s.Name)))
        {
            var plan = Plan[size.Name];
            using var model = RandomModel.Build(size);
            foreach (var batch in Batches)
            {
                var (seconds, gflops) = Timing.Calibrated(() =>
                    Timing.InTurn(plan.Rounds, () => RandomModel.Generate(model, size, batch, Prompt, plan.New))[0]
                );
                var row = new Measurement
                {
                    Bench = "generate",
                    Size = size.Name,
                    Setting = $"batch {batch}, {Prompt} + {plan.New}",
                    Value = batch * plan.New / seconds,
                    Unit = "tokens/s",
                    Gflops = gflops,
                };
                report.AddSpeed(
                    row,
                    "Hugging Face",
                    p => p.Bench == "generate" && p.Size == size.Name && p.Batch == batch,
                    new(plan.Goal, true)
                );
            }
        }
    }
}
