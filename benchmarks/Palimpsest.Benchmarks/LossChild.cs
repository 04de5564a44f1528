using System.Globalization;
using Palimpsest.Training;

namespace Palimpsest.Benchmarks;

/// <summary>One variant of the loss in a process of its own: time and peak of memory, printed as one line.</summary>
internal static class LossChild
{
    /// <summary>The hidden first argument.</summary>
    public const string Verb = "loss-child";

    public const int Rows = 2048;
    public const int Width = 384;
    public const int Vocabulary = 32000;
    private const int Rounds = 5;

    /// <summary>Added to a variant whose head learns nothing.</summary>
    public const string Frozen = "-frozen";

    /// <summary>Arguments: tiled or dense, perhaps with <see cref="Frozen"/>. Prints seconds of the loss with
    /// gradients, bytes of the loss alone, bytes with gradients.</summary>
    public static int Run(string[] arguments)
    {
        var (tiled, learns) = (
            arguments[0].StartsWith("tiled", StringComparison.Ordinal),
            !arguments[0].EndsWith(Frozen, StringComparison.Ordinal)
        );
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        Step(Problem(16, 8, 64, learns, generator), tiled, backward: true);
        var problem = Problem(Rows, Width, Vocabulary, learns, generator);
        var alone = Peak(() => Step(problem, tiled, backward: false));
        var both = Peak(() => Step(problem, tiled, backward: true));
        var seconds = Timing.Median(
            Enumerable.Range(0, Rounds).Select(_ => Timing.Seconds(() => Step(problem, tiled, backward: true)))
        );
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds} {alone} {both}"));
        return 0;
    }

    private static (Tensor Hidden, Tensor Classifier, Tensor Labels) Problem(
        int rows,
        int width,
        int vocabulary,
        bool learns,
        Generator generator
    ) =>
        (
            randn([rows, width], generator: generator, requires_grad: true),
            randn([vocabulary, width], generator: generator).mul_(0.02).requires_grad_(learns),
            randint(0, vocabulary, [rows], dtype: ScalarType.Int64, generator: generator)
        );

    private static void Step((Tensor Hidden, Tensor Classifier, Tensor Labels) problem, bool tiled, bool backward)
    {
        using var scope = NewDisposeScope();
        var loss = tiled
            ? TiledCrossEntropy.Loss(problem.Hidden, problem.Classifier, problem.Labels, LossReduction.TokenMean)
            : nn.functional.cross_entropy(nn.functional.linear(problem.Hidden, problem.Classifier), problem.Labels);
        if (backward)
            loss.backward();
        problem.Hidden.grad = null;
        problem.Classifier.grad = null;
    }

    private static long Peak(Action action)
    {
        File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Status("VmRSS");
        action();
        return Status("VmHWM") - before;
    }

    private static long Status(string field) =>
        1024
        * long.Parse(
            File.ReadLines("/proc/self/status")
                .First(line => line.StartsWith(field + ":", StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );
}
