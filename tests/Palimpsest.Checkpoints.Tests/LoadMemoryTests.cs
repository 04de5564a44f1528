using System.Diagnostics;
using System.Globalization;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

/// <summary>Peak memory of loading and of saving, each measured in a process of its own.</summary>
public sealed class LoadMemoryTests : IDisposable
{
    private const string FolderVariable = "PALIMPSEST_MEASURED_FOLDER";
    private const string ReportName = "peak.txt";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public async Task Loading_takes_at_most_a_tenth_more_than_the_model(ScalarType stored)
    {
        if (!File.Exists("/proc/self/status"))
            Assert.Skip("peak memory is read from /proc");
        var bytes = Generate(stored);
        var (load, save) = await MeasureAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{stored}: model {bytes / 1e6:f1} MB, loading {load / 1e6:f1} MB ({100.0 * load / bytes:f1} %), "
                    + $"saving {save / 1e6:f1} MB more"
            )
        );
        Assert.InRange(load, 0.9 * bytes, 1.1 * bytes);
        Assert.InRange(save, 0, 0.25 * bytes);
    }

    /// <summary>What the measuring process runs; without its variable there is nothing to measure.</summary>
    [Fact(Explicit = true)]
    public void Measured_process()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        if (folder is null)
            Assert.Skip("started by the test above");
        using (var warm = new CausalLM(DecoderConfig.TinyLlama(10, 8, 1, 1, 1, 8), seed: 1))
            ModelFolder.Save(warm, Path.Combine(folder, "warm"), ScalarType.BFloat16);
        using (ModelFolder.Load(Path.Combine(folder, "warm"))) { }

        GC.Collect();
        var before = Status("VmRSS");
        using var model = ModelFolder.Load(folder);
        var loaded = Status("VmHWM");
        ModelFolder.Save(model, Path.Combine(folder, "saved"), ScalarType.BFloat16, maxShardBytes: 50_000_000);
        File.WriteAllText(
            Path.Combine(folder, ReportName),
            FormattableString.Invariant($"{loaded - before} {Status("VmHWM") - loaded}")
        );
    }

    private static long Status(string field) =>
        1024
        * long.Parse(
            File.ReadLines("/proc/self/status")
                .First(line => line.StartsWith(field, StringComparison.Ordinal))
                .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );

    private long Generate(ScalarType stored)
    {
        // A third of the numbers is one tensor: a whole tensor beside the model would already be too much.
        using var model = new CausalLM(
            DecoderConfig.TinyLlama(16_000, 1024, layers: 3, heads: 8, keyValueHeads: 4, intermediateSize: 2816),
            seed: 1
        );
        ModelFolder.Save(model, _folder.Path, stored);
        return model.ExpectedWeights.Sum(w => w.Shape.Aggregate(4L, (a, b) => a * b));
    }

    private async Task<(long Load, long Save)> MeasureAsync()
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, typeof(LoadMemoryTests).Assembly.GetName().Name + ".dll"),
                "--explicit",
                "only",
                "--filter-method",
                $"{typeof(LoadMemoryTests).FullName}.{nameof(Measured_process)}",
            ]
        )
        {
            RedirectStandardOutput = true,
        };
        start.Environment[FolderVariable] = _folder.Path;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(File.Exists(_folder.File(ReportName)), output);
        long[] numbers =
        [
            .. File.ReadAllText(_folder.File(ReportName))
                .Split(' ')
                .Select(n => long.Parse(n, CultureInfo.InvariantCulture)),
        ];
        return (numbers[0], numbers[1]);
    }
}
