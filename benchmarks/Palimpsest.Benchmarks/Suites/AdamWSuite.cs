using Palimpsest.Training;
using TorchSharp.Modules;

namespace Palimpsest.Benchmarks;

/// <summary>The fused AdamW beside TorchSharp's, on the parameters of each size and on 60 tensors of 10M numbers in
/// all.</summary>
internal sealed class AdamWSuite : ISuite
{
    private const int Rounds = 15;

    public void Run(Report report, IReadOnlyList<ModelSize> sizes)
    {
        foreach (var size in sizes.Where(s => s.Name != "100M"))
        {
            using var model = size.Build();
            var shapes = model.TrainableParameters.Select(p => p.Value.shape).ToArray();
            Run(report, size.Name, shapes, null);
        }

        if (sizes.Count > 1)
            Run(report, "10M", [.. Enumerable.Repeat(new long[] { 408, 408 }, 60)], new(8, true));
    }

    private static void Run(Report report, string size, IReadOnlyList<long[]> shapes, Goal? goal)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        var (mine, theirs) = (Parameters(shapes, generator), Parameters(shapes, generator));
        using var ours = OptimizerFactory.Create(new(), [.. mine.Select((p, i) => ($"{i}", p))]);
        using var plain = optim.AdamW(theirs, weight_decay: 0.01);
        var (seconds, gflops) = Timing.Calibrated(() =>
            Timing.InTurn(Rounds, () => ours.Step(1e-3, 1), () => Step(plain))
        );
        var row = new Measurement
        {
            Bench = "adamw",
            Size = size,
            Value = 1 / seconds[0],
            Unit = "steps/s",
            Gflops = gflops,
        };
        report.Add(row with { Variant = "TorchSharp", Value = 1 / seconds[1] });
        report.Add(row with { Against = "TorchSharp", Ratio = seconds[1] / seconds[0], Goal = goal });
        report.AddSpeed(
            row,
            "PyTorch, fused",
            p => p is { Bench: "adamw", Fused: true } && p.Size == size,
            new(1, true)
        );
    }

    private static void Step(optim.Optimizer plain)
    {
        using var scope = NewDisposeScope();
        plain.step();
    }

    private static Parameter[] Parameters(IReadOnlyList<long[]> shapes, Generator generator) =>
        [
            .. shapes.Select(shape => new Parameter(randn(shape, generator: generator))
            {
                grad = randn(shape, generator: generator),
            }),
        ];
}
