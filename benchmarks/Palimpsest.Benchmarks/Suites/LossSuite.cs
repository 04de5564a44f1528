using System.Diagnostics;
using System.Globalization;

namespace Palimpsest.Benchmarks;

/// <summary>Tiled beside dense cross-entropy at a vocabulary of 32,000: time, and peak of memory from <c>VmHWM</c>
/// (Linux).</summary>
internal sealed class LossSuite : ISuite
{
    private const double MiB = 1 << 20;
    private const long GradientBytes = sizeof(float) * (long)LossChild.Width * (LossChild.Rows + LossChild.Vocabulary);

    public void Run(Report report, IReadOnlyList<ModelSize> sizes)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var (row, dense, tiled) = Time(report, $"N {LossChild.Rows}, D {LossChild.Width}", "");
        report.AddSpeed(row, "PyTorch, dense", peer => peer.Bench == "dense_cross_entropy");
        Memory(report, row with { Setting = "loss alone" }, dense.Alone, tiled.Alone, new(0.03, false));
        Memory(
            report,
            row with
            {
                Setting = "above the gradients",
            },
            dense.Both - GradientBytes,
            tiled.Both - GradientBytes,
            new(0.03, false)
        );
        Memory(report, row with { Setting = "with the gradients" }, dense.Both, tiled.Both, null);
        (row, dense, tiled) = Time(report, "head frozen", LossChild.Frozen);
        Memory(report, row, dense.Both, tiled.Both, new(0.03, false));
    }

    private static (
        Measurement Tiled,
        (double Seconds, double Alone, double Both) DenseCost,
        (double Seconds, double Alone, double Both) TiledCost
    ) Time(Report report, string setting, string ending)
    {
        var (runs, gflops) = Timing.Calibrated(() =>
            Enumerable
                .Range(0, 2)
                .Select(_ => (Dense: Child("dense" + ending), Tiled: Child("tiled" + ending)))
                .ToArray()
        );
        var (dense, tiled) = (Middle(runs.Select(run => run.Dense)), Middle(runs.Select(run => run.Tiled)));
        var row = new Measurement
        {
            Bench = "loss",
            Size = $"V {LossChild.Vocabulary}",
            Setting = setting,
            Variant = "tiled",
            Value = 1 / tiled.Seconds,
            Unit = "runs/s",
            Gflops = gflops,
        };
        report.Add(row with { Variant = "dense", Value = 1 / dense.Seconds });
        report.Add(row with { Against = "dense's time", Ratio = tiled.Seconds / dense.Seconds, Goal = new(1, false) });
        return (row, dense, tiled);
    }

    private static void Memory(Report report, Measurement row, double dense, double tiled, Goal? goal)
    {
        row = row with { Unit = "MiB" };
        report.Add(row with { Variant = "dense", Value = dense / MiB });
        report.Add(row with { Value = tiled / MiB, Against = "dense's memory", Ratio = tiled / dense, Goal = goal });
    }

    private static (double Seconds, double Alone, double Both) Middle(IEnumerable<double[]> runs)
    {
        var all = runs.ToArray();
        return (
            Timing.Median(all.Select(r => r[0])),
            Timing.Median(all.Select(r => r[1])),
            Timing.Median(all.Select(r => r[2]))
        );
    }

    private static double[] Child(string variant)
    {
        var program = Environment.ProcessPath!;
        string[] own =
            Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(LossSuite).Assembly.Location] : [];
        var start = new ProcessStartInfo(program, [.. own, LossChild.Verb, variant]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var line = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0
            ? [.. line.Split(' ').Select(field => double.Parse(field, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException(
                $"The child process for the {variant} loss ended with {process.ExitCode}."
            );
    }
}
