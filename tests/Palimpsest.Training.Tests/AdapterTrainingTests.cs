namespace Palimpsest.Training.Tests;

public sealed class AdapterTrainingTests
{
    private static readonly TokenSequence[] Rows =
    [
        .. Enumerable
            .Range(0, 16)
            .Select(row => new TokenSequence(
                [1, .. Enumerable.Range(0, 6).Select(i => 3 + (row * 7 + i * 3) % 40), 2],
                2,
                row
            )),
    ];

    public static TheoryData<string> Kinds => ["lora", "rslora", "dora", "modules_to_save", "ranks", "all-linear"];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Training_an_adapter_of_any_kind_lowers_the_loss_and_changes_nothing_else(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = NewModel();
        using var adapter = LoraAdapter.Attach(model, kind, Options(kind), seed: 2);
        var before = model.ExportWeights().Select(w => w.Value.clone()).ToArray();
        var start = adapter.ParameterRefs.Select(p => p.Storage.detach().clone()).ToArray();
        var losses = await TrainAsync(model);
        Assert.True(losses[^1] < 0.9 * losses[0], $"{losses[0]} to {losses[^1]}");
        Assert.All(
            model.ExportWeights().Zip(before),
            pair => Assert.True(pair.First.Value.eq(pair.Second).all().item<bool>(), pair.First.Name)
        );
        Assert.All(
            adapter.ParameterRefs.Zip(start),
            pair => Assert.False(pair.First.Storage.eq(pair.Second).all().item<bool>(), pair.First.Name)
        );
        var ids = arange(1, 9).view(1, 8);
        using var grad = no_grad();
        var adapted = model.Forward(new() { TokenIds = ids }).Logits!;
        adapter.Merge();
        Assert.True((adapted - model.Forward(new() { TokenIds = ids }).Logits!).abs().max().item<float>() < 1e-4f);
        adapter.Unmerge();
        Assert.True(adapted.eq(model.Forward(new() { TokenIds = ids }).Logits!).all().item<bool>());
    }

    [Fact]
    public async Task Of_several_adapters_the_one_that_is_switched_off_is_not_trained()
    {
        using var scope = NewDisposeScope();
        using var model = NewModel();
        using var idle = LoraAdapter.Attach(model, "idle", Options("lora"), seed: 2);
        using var trained = LoraAdapter.Attach(model, "trained", Options("dora"), seed: 3);
        idle.Active = false;
        var before = idle.ParameterRefs.Select(p => p.Storage.detach().clone()).ToArray();
        var losses = await TrainAsync(model);
        Assert.True(losses[^1] < 0.9 * losses[0], $"{losses[0]} to {losses[^1]}");
        Assert.All(
            idle.ParameterRefs.Zip(before),
            pair => Assert.True(pair.First.Storage.eq(pair.Second).all().item<bool>(), pair.First.Name)
        );
    }

    private static LoraOptions Options(string kind) =>
        new()
        {
            Rank = 4,
            Alpha = 8,
            TargetModules = kind == "all-linear" ? ["all-linear"] : ["q_proj", "v_proj", "down_proj"],
            RankStabilized = kind == "rslora",
            WeightDecomposed = kind == "dora",
            ModulesToSave = kind == "modules_to_save" ? ["lm_head"] : [],
            RankPattern = kind == "ranks" ? new Dictionary<string, int> { ["q_proj"] = 2 } : new(),
            AlphaPattern = kind == "ranks" ? new Dictionary<string, double> { ["v_proj"] = 3 } : new(),
        };

    private static async Task<IReadOnlyList<double>> TrainAsync(CausalLM model)
    {
        List<double> losses = [];
        var options = new TrainOptions
        {
            MaxSteps = 40,
            Optimizer = new() { LearningRate = 0.02, WeightDecay = 0 },
        };
        await new Trainer(options).RunAsync(
            model,
            new SequenceBatchSource(Rows, 16, 0, 1),
            new NextTokenLoss(),
            new Recorder(losses)
        );
        return losses;
    }

    private static CausalLM NewModel() =>
        new(DecoderConfig.TinyLlama(48, 32, 2, 4, 2, 64) with { TiedHead = false, InitializerRange = 0.1 }, seed: 1);

    private sealed class Recorder(List<double> losses) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => losses.Add(value.Loss);
    }
}
