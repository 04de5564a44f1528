using Palimpsest.TestKit;

namespace Palimpsest.Training.Tests;

/// <summary>Checkpoint folders that are damaged, half-written or of another run.</summary>
public sealed class TrainCheckpointTests : IDisposable
{
    private static readonly TokenSequence[] Rows =
    [
        .. Enumerable
            .Range(0, 8)
            .Select(row => new TokenSequence(
                [1, .. Enumerable.Range(0, 5).Select(i => 3 + (row * 7 + i) % 40), 2],
                2,
                row
            )),
    ];

    private static readonly Dictionary<string, Action<string>> Damages = new()
    {
        ["no state"] = folder => File.Delete(Path.Combine(folder, "state.json")),
        ["half a state"] = folder => File.WriteAllText(Path.Combine(folder, "state.json"), "{\"Step\":6,"),
        ["a state without options"] = folder =>
            File.WriteAllText(Path.Combine(folder, "state.json"), "{\"Step\":6,\"Tokens\":1}"),
        ["a state that is null"] = folder => File.WriteAllText(Path.Combine(folder, "state.json"), "null"),
        ["a step of text"] = folder =>
            File.WriteAllText(Path.Combine(folder, "state.json"), "{\"Step\":\"six\",\"Tokens\":1,\"Options\":\"\"}"),
        ["no weights"] = folder => File.Delete(Path.Combine(folder, "weights.safetensors")),
        ["weights cut off"] = folder => Cut(Path.Combine(folder, "weights.safetensors")),
        ["empty weights"] = folder => File.WriteAllBytes(Path.Combine(folder, "weights.safetensors"), []),
        ["no optimiser"] = folder => File.Delete(Path.Combine(folder, "optimizer.safetensors")),
        ["optimiser cut off"] = folder => Cut(Path.Combine(folder, "optimizer.safetensors")),
        ["nothing at all"] = folder => Array.ForEach(Directory.GetFiles(folder), File.Delete),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Damages.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Names))]
    public async Task A_damaged_one_is_passed_over_for_the_one_before_with_the_same_end(string damage)
    {
        using var whole = await RunAsync(NewModel(), null);
        using var first = await RunAsync(NewModel(), _folder.Path);
        Damages[damage](_folder.File("checkpoints", "step-00000006"));
        using var resumed = await RunAsync(NewModel(), _folder.Path);
        AssertEqual(whole, resumed);
        Assert.Equal(8, File.ReadLines(_folder.File("metrics.jsonl")).Count());
    }

    [Theory, MemberData(nameof(Names))]
    public async Task When_all_are_damaged_one_line_names_the_newest_and_what_to_do(string damage)
    {
        using var first = await RunAsync(NewModel(), _folder.Path);
        foreach (var folder in Directory.GetDirectories(_folder.File("checkpoints")))
            Damages[damage](folder);
        Refusal.Of(
            () => RunAsync(NewModel(), _folder.Path).GetAwaiter().GetResult(),
            _folder.File("checkpoints", "step-00000006"),
            "No checkpoint is whole"
        );
    }

    [Fact]
    public async Task A_checkpoint_of_another_model_is_refused_and_names_the_weight()
    {
        using var first = await RunAsync(NewModel(), _folder.Path);
        Refusal.Of(
            () => RunAsync(new(DecoderConfig.TinyLlama(50, 32, 2, 4, 2, 48), 5), _folder.Path).GetAwaiter().GetResult(),
            "step-00000006",
            "[96, 32]",
            "the model needs"
        );
    }

    [Fact]
    public async Task Folders_that_a_killed_process_left_half_written_are_not_read_and_go()
    {
        using var whole = await RunAsync(NewModel(), null);
        var leftover = _folder.File("checkpoints", "step-00000004.4711.0123456789abcdef.tmp");
        Directory.CreateDirectory(leftover);
        File.WriteAllText(Path.Combine(leftover, "weights.safetensors"), "half");
        using var resumed = await RunAsync(NewModel(), _folder.Path);
        AssertEqual(whole, resumed);
        Assert.Equal(
            ["step-00000003", "step-00000006"],
            Directory.GetDirectories(_folder.File("checkpoints")).Select(Path.GetFileName).Order()
        );
    }

    [Fact]
    public async Task A_run_that_had_ended_ends_again_with_the_loss_of_its_last_step()
    {
        using var model = NewModel();
        var options = Options(_folder.Path) with { CheckpointEvery = 8 };
        var first = await new Trainer(options).RunAsync(model, Source(), new NextTokenLoss());
        using var again = NewModel();
        var second = await new Trainer(options).RunAsync(again, Source(), new NextTokenLoss());
        Assert.Equal((first.Steps, first.Tokens, first.FinalLoss), (second.Steps, second.Tokens, second.FinalLoss));
        AssertEqual(model, again);
    }

    private static async Task<CausalLM> RunAsync(CausalLM model, string? folder)
    {
        await new Trainer(Options(folder)).RunAsync(model, Source(), new NextTokenLoss());
        return model;
    }

    private static CausalLM NewModel() => new(DecoderConfig.TinyLlama(50, 32, 1, 4, 2, 64), 5);

    private static SequenceBatchSource Source() => new(Rows, 4, 0, 3);

    private static TrainOptions Options(string? folder) =>
        new()
        {
            MaxSteps = 8,
            Optimizer = new() { LearningRate = 0.01 },
            Seed = 2,
            RunFolder = folder,
            CheckpointEvery = 3,
        };

    private static void AssertEqual(CausalLM expected, CausalLM actual)
    {
        using var scope = NewDisposeScope();
        Assert.All(
            expected.ParameterRefs.Zip(actual.ParameterRefs),
            pair => Assert.True(pair.First.Value().eq(pair.Second.Value()).all().item<bool>(), pair.First.Name)
        );
    }

    private static void Cut(string path)
    {
        using var stream = File.OpenWrite(path);
        stream.SetLength(stream.Length - 10);
    }
}
