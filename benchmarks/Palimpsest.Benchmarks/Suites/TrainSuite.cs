using Palimpsest.Training;

namespace Palimpsest.Benchmarks;

/// <summary>Training steps of the trainer and of a plain TorchSharp loop, in turn, batch 16 x 128.</summary>
internal sealed class TrainSuite : ISuite
{
    private const int Rows = 16;
    private const int Length = 128;
    private const double LearningRate = 1e-3;
    private static readonly Dictionary<string, (double Goal, int Steps, int Rounds)> Plan = new()
    {
        ["1.3M"] = (1.3, 10, 4),
        ["5M"] = (1.1, 5, 4),
        ["14M"] = (1.0, 3, 4),
    };

    public void Run(Report report, IReadOnlyList<ModelSize> sizes)
    {
        foreach (var size in sizes.Where(s => Plan.ContainsKey(s.Name)))
            Run(report, size, Plan[size.Name]);
    }

    private static void Run(Report report, ModelSize size, (double Goal, int Steps, int Rounds) plan)
    {
        using var model = size.Build();
        using var plain = new PlainLlama(size);
        plain.CopyFrom(model);
        var batches = Enumerable.Range(0, 4).Select(i => size.Tokens(Rows, Length, (ulong)i)).ToArray();
        using var loop = new PlainLoop(plain, LearningRate);
        var (ours, theirs) = (new List<double>(), new List<double>());
        var (_, gflops) = Timing.Calibrated(() =>
        {
            for (var round = 0; round <= plan.Rounds; round++)
            {
                var times = TrainerSteps(model, size, batches, plan.Steps);
                var plainTimes = Enumerable
                    .Range(0, plan.Steps)
                    .Select(i => Timing.Seconds(() => loop.Step(batches[i % batches.Length], Rows, Length)))
                    .ToArray();
                if (round == 0)
                    continue; // warm-up of both
                ours.AddRange(times);
                theirs.AddRange(plainTimes);
            }

            return 0;
        });
        var (mine, other) = (Rows * Length / Timing.Median(ours), Rows * Length / Timing.Median(theirs));
        var row = new Measurement
        {
            Bench = "train",
            Size = size.Name,
            Setting = $"batch {Rows} x {Length}",
            Value = mine,
            Unit = "tokens/s",
            Gflops = gflops,
        };
        report.AddSpeed(
            row with
            {
                Variant = "plain TorchSharp",
                Value = other,
            },
            "PyTorch",
            p => p is { Bench: "train", FusedAdamw: false } && p.Size == size.Name
        );
        report.Add(row with { Against = "plain TorchSharp", Ratio = mine / other, Goal = new(1.15, true) });
        report.AddSpeed(
            row,
            "PyTorch",
            p => p is { Bench: "train", FusedAdamw: false } && p.Size == size.Name,
            new(plan.Goal, true)
        );
        report.AddSpeed(
            row,
            "PyTorch, fused AdamW",
            p => p is { Bench: "train", FusedAdamw: true } && p.Size == size.Name,
            new(plan.Goal, true)
        );
    }

    private static double[] TrainerSteps(CausalLM model, ModelSize size, long[][] batches, int steps)
    {
        var sequences = batches
            .SelectMany(ids => ids.Chunk(Length))
            .Take(Rows * steps)
            .Select(ids => new TokenSequence([.. ids.Select(id => (int)id)], 0))
            .ToArray();
        var options = new TrainOptions
        {
            MaxSteps = steps,
            Optimizer = new() { LearningRate = LearningRate },
        };
        var times = new StepTimes(Rows * Length);
        new Trainer(options)
            .RunAsync(model, new SequenceBatchSource(sequences, Rows, 0, 1), new NextTokenLoss(), times)
            .GetAwaiter()
            .GetResult();
        return [.. times.Seconds];
    }
}
