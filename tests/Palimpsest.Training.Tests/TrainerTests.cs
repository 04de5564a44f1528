using System.Text.Json;
namespace Palimpsest.Training.Tests;

public sealed class TrainerTests
{
    private static readonly TokenSequence[] Rows =
    [
        .. Enumerable
            .Range(0, 24)
            .Select(row => new TokenSequence(
                [1, .. Enumerable.Range(0, 6).Select(i => 3 + (row * 7 + i * 3) % 40), 2],
                2,
                row
            )),
    ];

    [Fact]
    public async Task Training_lowers_the_loss_and_logs_every_step()
    {
        using var folder = new TestKit.TemporaryFolder();
        using var model = NewModel();
        var losses = new List<double>();
        var result = await new Trainer(Options(40) with { RunFolder = folder.Path }).RunAsync(
            model,
            Source(),
            new NextTokenLoss(),
            new Recorder(p => losses.Add(p.Loss))
        );
        Assert.Equal(40, result.Steps);
        Assert.True(losses[^1] < 0.5 * losses[0], $"{losses[0]} to {losses[^1]}");
        Assert.Equal(40, File.ReadLines(folder.File("metrics.jsonl")).Count());
    }

    [Fact]
    public async Task A_number_that_a_step_does_not_have_is_null_in_the_log_and_says_why()
    {
        using var folder = new TestKit.TemporaryFolder();
        using var model = NewModel();
        await new Trainer(Options(2) with { RunFolder = folder.Path, ClipNorm = 0 }).RunAsync(
            model,
            Source(),
            new NextTokenLoss()
        );
        foreach (var line in File.ReadLines(folder.File("metrics.jsonl")))
        {
            using var json = JsonDocument.Parse(line);
            Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("gradient_norm").ValueKind);
            Assert.Contains(
                "not clipped",
                json.RootElement.GetProperty("gradient_norm_reason").GetString(),
                StringComparison.Ordinal
            );
            Assert.True(json.RootElement.GetProperty("loss").GetDouble() > 0);
            Assert.False(json.RootElement.TryGetProperty("loss_reason", out _));
        }
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.Sgd)]
    public async Task A_run_that_is_cut_off_and_resumed_ends_bit_for_bit_as_one_that_never_stopped(OptimizerKind kind)
    {
        using var folder = new TestKit.TemporaryFolder();
        var options = Options(20) with
        {
            Optimizer = new()
            {
                Kind = kind,
                LearningRate = 0.01,
                Momentum = 0.9,
            },
        };
        using var whole = NewModel();
        await new Trainer(options).RunAsync(whole, Source(), new NextTokenLoss());
        using var first = NewModel();
        using var stop = new CancellationTokenSource();
        var cut = options with { RunFolder = folder.Path, CheckpointEvery = 3 };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new Trainer(cut).RunAsync(
                first,
                Source(),
                new NextTokenLoss(),
                new Recorder(p =>
                {
                    if (p.Step == 11)
                        stop.Cancel();
                }),
                stop.Token
            )
        );
        using var resumed = NewModel();
        await new Trainer(cut).RunAsync(resumed, Source(), new NextTokenLoss());
        using var scope = NewDisposeScope();
        Assert.All(
            whole.ParameterRefs.Zip(resumed.ParameterRefs),
            pair => Assert.True(pair.First.Value().eq(pair.Second.Value()).all().item<bool>(), pair.First.Name)
        );
        Assert.Equal(20, File.ReadLines(folder.File("metrics.jsonl")).Count());
    }

    [Fact]
    public async Task Live_tensors_do_not_grow_over_two_hundred_steps()
    {
        using var model = NewModel();
        var counts = new List<long>();
        await new Trainer(Options(200)).RunAsync(
            model,
            Source(),
            new NextTokenLoss(),
            new Recorder(p => counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount))
        );
        Assert.Equal(counts[10], counts[^1]);
    }

    [Fact]
    public async Task Accumulating_four_micro_batches_equals_one_batch_of_four_times_the_rows()
    {
        using var scope = NewDisposeScope();
        var equal = Rows.Select(row => row with { Ids = [.. row.Ids] }).ToArray();
        using var wide = NewModel();
        using var narrow = NewModel();
        await new Trainer(Options(3)).RunAsync(wide, new Slices(equal, 8), new NextTokenLoss());
        await new Trainer(Options(3) with { GradientAccumulation = 4 }).RunAsync(
            narrow,
            new Slices(equal, 2),
            new NextTokenLoss()
        );
        foreach (var (a, b) in wide.ParameterRefs.Zip(narrow.ParameterRefs))
            Assert.True((a.Value() - b.Value()).abs().max().item<float>() < 1e-4, a.Name);
    }

    [Fact]
    public async Task A_masked_update_leaves_the_masked_weights_alone_and_the_others_as_without_mask()
    {
        using var scope = NewDisposeScope();
        using var plain = NewModel();
        using var masked = NewModel();
        using var start = NewModel();
        await new Trainer(Options(1)).RunAsync(plain, Source(), new NextTokenLoss());
        await new Trainer(Options(1), new FreezeEmbedding(masked)).RunAsync(masked, Source(), new NextTokenLoss());
        for (var i = 0; i < plain.ParameterRefs.Count; i++)
        {
            var (name, expected) = (
                masked.ParameterRefs[i].Name,
                masked.ParameterRefs[i].Component == ModelComponent.Embedding ? start : plain
            );
            Assert.True(
                (masked.ParameterRefs[i].Value() - expected.ParameterRefs[i].Value()).abs().max().item<float>() < 1e-6,
                name
            );
        }
    }

    [Fact]
    public async Task A_checkpoint_of_other_options_is_refused()
    {
        using var folder = new TestKit.TemporaryFolder();
        using var model = NewModel();
        await new Trainer(Options(4) with { RunFolder = folder.Path, CheckpointEvery = 2 }).RunAsync(
            model,
            Source(),
            new NextTokenLoss()
        );
        var error = await Assert.ThrowsAsync<InputException>(() =>
            new Trainer(Options(5) with { RunFolder = folder.Path }).RunAsync(model, Source(), new NextTokenLoss())
        );
        Assert.Contains("other training options", error.Message, StringComparison.Ordinal);
    }

    private static CausalLM NewModel() => new(DecoderConfig.TinyLlama(50, 32, 2, 4, 2, 64), 5);

    private static SequenceBatchSource Source() => new(Rows, 4, 0, 3);

    private static TrainOptions Options(int steps) =>
        new()
        {
            MaxSteps = steps,
            Optimizer = new() { LearningRate = 0.01 },
            Seed = 2,
        };

    private sealed class Recorder(Action<TrainProgress> act) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => act(value);
    }

    private sealed class Slices(TokenSequence[] rows, int size) : IBatchSource
    {
        public int BatchesPerEpoch => rows.Length / size;

        public StepBatches Batch(long index) =>
            new(
                new Dictionary<string, TokenBatch>
                {
                    [StepBatches.Train] = TokenBatch.Collate(rows[(int)(index * size)..(int)((index + 1) * size)], 0),
                }
            );
    }

    private sealed class FreezeEmbedding(CausalLM model) : ITrainExtension
    {
        public IEnumerable<ParameterRef> MaskedWeights(ITrainable trained) =>
            model.ParameterRefs.Where(p => p.Component == ModelComponent.Embedding);

        public void OnUpdate(ParameterRef weight, Tensor update, TrainStep step) => update.zero_();
    }
}
