using Palimpsest.TestKit;

namespace Palimpsest.Training.Tests;

/// <summary>A run that is cut off and resumed ends bit for bit as one that never stopped, whatever takes part in
/// it.</summary>
public sealed class ResumeTests
{
    private static readonly TokenSequence[] Rows =
    [
        .. Enumerable
            .Range(0, 12)
            .Select(row => new TokenSequence(
                [1, .. Enumerable.Range(0, 6).Select(i => 3 + (row * 7 + i * 3) % 40), 2],
                2,
                row
            )),
    ];

    public static TheoryData<string> Parts =>
        ["clipped and noised by example", "mask", "average", "counting objective"];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Cut_off_and_resumed_is_bit_identical_with(string part)
    {
        using var folder = new TemporaryFolder();
        var whole = await RunAsync(part, null, cutAt: null);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(part, folder.Path, cutAt: 7));
        Assert.Equal(whole, await RunAsync(part, folder.Path, cutAt: null));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Killed_and_resumed_is_bit_identical_with(string part)
    {
        using var folder = new TemporaryFolder();
        var whole = await RunAsync(part, null, cutAt: null);
        var method = $"{nameof(ResumeTests)}.{nameof(A_process_that_waits_to_be_killed)}";
        await KilledRun.RunAsync(typeof(ResumeTests).Assembly, method, part, folder.Path);
        Assert.Equal(
            ["step-00000003", "step-00000006"],
            Directory.GetDirectories(folder.File("checkpoints")).Select(Path.GetFileName).Order()
        );
        Assert.Equal(whole, await RunAsync(part, folder.Path, cutAt: null));
    }

    [Fact(Explicit = true)]
    public async Task A_process_that_waits_to_be_killed()
    {
        var (part, folder) = KilledRun.Arguments;
        await RunAsync(part, folder, new WaitsAt(7, folder));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_checkpoint_made_with_or_without_another_part_is_refused(string part)
    {
        using var folder = new TemporaryFolder();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(part, folder.Path, cutAt: 7));
        var error = await Assert.ThrowsAsync<InputException>(() => RunAsync("nothing", folder.Path, cutAt: null));
        Assert.Contains("other training options", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_an_extension_stopped_stays_stopped_when_it_is_started_again()
    {
        using var folder = new TemporaryFolder();
        using var model = NewModel();
        var options = Options(folder.Path) with { CheckpointEvery = 1 };
        var first = await new Trainer(options, new StopsAt(4)).RunAsync(model, Source("plain"), new NextTokenLoss());
        using var again = NewModel();
        var second = await new Trainer(options, new StopsAt(4)).RunAsync(again, Source("plain"), new NextTokenLoss());
        Assert.Equal((4, true), (first.Steps, first.StoppedEarly));
        Assert.Equal((4, true), (second.Steps, second.StoppedEarly));
        Assert.Equal(Weights(model), Weights(again));
    }

    private static async Task<float[]> RunAsync(string part, string? folder, int? cutAt)
    {
        using var stop = new CancellationTokenSource();
        return await RunAsync(part, folder, new CancelAt(cutAt, stop), stop.Token);
    }

    /// <summary>The weights at the end, and the averages where there are some.</summary>
    private static async Task<float[]> RunAsync(
        string part,
        string? folder,
        IProgress<TrainProgress> progress,
        CancellationToken cancellationToken = default
    )
    {
        using var model = NewModel();
        using var average = new ExponentialMovingAverage(0.8);
        using var mask = Mask(model);
        var counting = new Counting();
        IReadOnlyList<ITrainExtension> extensions = part switch
        {
            "mask" => [mask],
            "average" => [average],
            _ => [],
        };
        IGradientSource gradients = part.StartsWith("clipped", StringComparison.Ordinal)
            ? new PerExampleGradients(new() { NoiseMultiplier = 0.1, ExpectedRows = 3 })
            : new PlainGradients();
        IObjective objective = part.StartsWith("counting", StringComparison.Ordinal) ? counting : new NextTokenLoss();
        await new Trainer(Options(folder), extensions) { Gradients = gradients }.RunAsync(
            model,
            Source(part),
            objective,
            progress,
            cancellationToken
        );
        var result = Weights(model);
        if (part != "average")
            return result;
        average.CopyTo(model);
        Assert.NotEqual(result, Weights(model));
        return [.. result, .. Weights(model)];
    }

    private static CausalLM NewModel() => new(DecoderConfig.TinyLlama(50, 16, 1, 2, 1, 32), 5);

    private static IBatchSource Source(string part) =>
        part.StartsWith("clipped", StringComparison.Ordinal)
            ? new PoissonBatchSource(Rows, 0.25, 0, 3)
            : new SequenceBatchSource(Rows, 4, 0, 3);

    private static TrainOptions Options(string? folder) =>
        new()
        {
            MaxSteps = 12,
            Optimizer = new() { LearningRate = 0.01 },
            RunFolder = folder,
            CheckpointEvery = 3,
        };

    private static UpdateMask Mask(CausalLM model)
    {
        using var scope = NewDisposeScope();
        return new(
            model.ParameterRefs.ToDictionary(
                p => p.Name,
                p => p.Value().gt(p.Component == ModelComponent.Norm ? -9 : 0)
            )
        );
    }

    private static float[] Weights(CausalLM model)
    {
        using var scope = NewDisposeScope();
        return [.. model.ExportWeights().SelectMany(weight => weight.Value.data<float>().ToArray())];
    }

    private sealed class StopsAt(int step) : ITrainExtension
    {
        public bool AfterStep(ITrainable model, TrainProgress progress) => progress.Step == step;
    }

    private sealed class CancelAt(int? step, CancellationTokenSource stop) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value)
        {
            if (value.Step == step)
                stop.Cancel();
        }
    }

    private sealed class WaitsAt(int step, string folder) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value)
        {
            if (value.Step == step)
                KilledRun.WaitIn(folder);
        }
    }

    /// <summary>A loss whose weight grows with every call, and is an extension that is told of every step.</summary>
    private sealed class Counting : IObjective, ITrainExtension
    {
        private readonly NextTokenLoss _loss = new();
        private long _steps;

        string ITrainState.Fingerprint => nameof(Counting);

        public Tensor Loss(CausalLM model, StepBatches batches, TrainStep step)
        {
            using var scope = NewDisposeScope();
            return (_loss.Loss(model, batches, step) * (1 + 0.5 * _steps)).MoveToOuterDisposeScope();
        }

        public bool AfterStep(ITrainable model, TrainProgress progress)
        {
            _steps++;
            return false;
        }

        IEnumerable<(string Name, Tensor Value)> ITrainState.State() => [("steps", tensor(_steps))];

        void ITrainState.LoadState(Func<string, Tensor> read) => _steps = read("steps").item<long>();
    }
}
