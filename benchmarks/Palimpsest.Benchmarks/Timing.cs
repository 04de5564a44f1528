using System.Diagnostics;

namespace Palimpsest.Benchmarks;

/// <summary>Clocks, and the calibrator that makes machines comparable.</summary>
internal static class Timing
{
    private const int Side = 1024;
    private const int MostWarmRounds = 30;
    private static readonly TimeSpan WarmTime = TimeSpan.FromSeconds(3);

    /// <summary>Seconds of one call.</summary>
    public static double Seconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Median seconds of variants that run in turn, so that a slow moment of the machine meets all of
    /// them.</summary>
    /// <remarks>They are warm: methods are compiled anew while they are first used, which costs calls of a tenth of a
    /// second an eighth of their speed over the first ten.</remarks>
    public static double[] InTurn(int rounds, params Action[] variants)
    {
        var warmed = Stopwatch.StartNew();
        for (var round = 0; round == 0 || (round < MostWarmRounds && warmed.Elapsed < WarmTime); round++)
        {
            foreach (var variant in variants)
                variant();
        }

        var seconds = variants.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < variants.Length; i++)
                seconds[i][round] = Seconds(variants[i]);
        }

        return [.. seconds.Select(Median)];
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The measurement's value with the calibrator's, taken just before and after.</summary>
    public static (T Value, double Gflops) Calibrated<T>(Func<T> measure)
    {
        var before = Gflops();
        var value = measure();
        return (value, Math.Max(before, Gflops()));
    }

    /// <summary>GFLOP/s of a float32 product of two 1024 x 1024 matrices, best of twelve.</summary>
    public static double Gflops()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var generator = new Generator(1, CPU);
        var (left, right, result) = (
            randn([Side, Side], generator: generator),
            randn([Side, Side], generator: generator),
            zeros(Side, Side)
        );
        var best = Enumerable.Range(0, 12).Min(_ => Seconds(() => result.addmm_(left, right, 0, 1)));
        return 2.0 * Side * Side * Side / best / 1e9;
    }
}
