using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class PduTests
{
    [Fact]
    public void The_retain_weight_follows_the_mean_violation_of_a_step_and_never_falls_below_zero()
    {
        using var scope = NewDisposeScope();
        var pdu = new Pdu(
            new()
            {
                RetainLoss = 0.5,
                DualStep = 2,
                WarmupEpochs = 1,
            }
        );
        Read(pdu, 0.9);
        pdu.AfterStep(new(0, 0, 0, 9));
        Assert.Equal(1, pdu.RetainWeight); // warming up
        Read(pdu, 0.9);
        Read(pdu, 0.5);
        pdu.AfterStep(new(1, 2, 1, 9));
        Assert.Equal(1 + 2 * 0.2, pdu.RetainWeight, tolerance: 1e-6);
        Read(pdu, 0.25);
        pdu.AfterStep(new(2, 3, 1, 9));
        Assert.Equal(1.4 - 2 * 0.25, pdu.RetainWeight, tolerance: 1e-6);
        Read(pdu, 0);
        pdu.AfterStep(new(3, 4, 1, 9));
        Assert.Equal(0, pdu.RetainWeight);
        Assert.Equal(Read(pdu, 0), Read(pdu, 5));
    }

    [Fact]
    public async Task A_run_that_is_cut_off_and_resumed_ends_with_the_same_weights()
    {
        using var folder = new TemporaryFolder();
        using var original = NewModel();
        var whole = await RunAsync(original, null, null);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(original, folder.Path, cutAt: 5));
        Assert.Equal(whole, await RunAsync(original, folder.Path, null));
    }

    [Fact]
    public async Task A_run_that_is_killed_and_resumed_ends_with_the_same_weights()
    {
        using var folder = new TemporaryFolder();
        using var original = NewModel();
        var whole = await RunAsync(original, null, null);
        var method = $"{nameof(PduTests)}.{nameof(A_process_that_waits_to_be_killed)}";
        await KilledRun.RunAsync(typeof(PduTests).Assembly, method, "duals", folder.Path);
        Assert.True(Directory.Exists(folder.File("checkpoints", "step-00000004")));
        Assert.Equal(whole, await RunAsync(original, folder.Path, cutAt: null, every: 2));
    }

    [Fact(Explicit = true)]
    public async Task A_process_that_waits_to_be_killed()
    {
        var (_, folder) = KilledRun.Arguments;
        using var original = NewModel();
        await RunAsync(original, folder, new WaitsAt(5, folder), every: 2);
    }

    private static CausalLM NewModel() => new(DecoderConfig.TinyLlama(32, 16, 1, 2, 1, 32, maxPositions: 16), seed: 1);

    private static float Read(Pdu pdu, double retain)
    {
        var ids = zeros([1, 1], ScalarType.Int64);
        var mask = ones([1, 1], ScalarType.Bool);
        var forget = ScoredBatch.Of([1], []) with { Logits = tensor(new[] { 3f, 1f, -1f }, [1, 1, 3]) };
        return pdu.Loss(new(forget, null, new(new(ids, mask, mask, [0]), tensor(new[] { (float)retain }, [1, 1]))))
            .item<float>();
    }

    private static async Task<float[]> RunAsync(CausalLM model, string? folder, int? cutAt, int every = 0)
    {
        using var stop = new CancellationTokenSource();
        return await RunAsync(model, folder, new CutAt(cutAt, stop), every, stop.Token);
    }

    private static async Task<float[]> RunAsync(
        CausalLM model,
        string? folder,
        IProgress<TrainProgress> progress,
        int every,
        CancellationToken cancellationToken = default
    )
    {
        var job = UnlearnerTests.Job(model) with
        {
            Training = new()
            {
                MaxSteps = 10,
                RunFolder = folder,
                CheckpointEvery = every,
                Optimizer = new() { LearningRate = 1e-3 },
            },
        };
        var method = Catalog.Find("pdu").Create(new PduOptions { WarmupEpochs = 0, RetainLoss = 3 });
        using var changed = (await method.RunAsync(job, progress, cancellationToken)).Model;
        using var scope = NewDisposeScope();
        return [.. changed.ExportWeights().SelectMany(weight => weight.Value.data<float>().ToArray())];
    }

    private sealed class CutAt(int? step, CancellationTokenSource stop) : IProgress<TrainProgress>
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
}
