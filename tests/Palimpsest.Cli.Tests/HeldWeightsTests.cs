using System.Text.Json;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class HeldWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TrainedWorld _world;

    public HeldWeightsTests(TrainedWorld world)
    {
        _world = world;
        var words = BpeTrainer.Train(
            ["Who are you? What does she do? A baker."],
            new() { VocabularySize = 300, LeastCount = 1 }
        );
        using var model = new LanguageModel(
            new(DecoderConfig.TinyLlama(words.VocabularySize, 64, 2, 4, 2, 128, 512), 3),
            words,
            "tiny"
        );
        model.Save(_folder.File("model"));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("int8", "--bits", "8")]
    [InlineData("int4", "--bits", "4")]
    [InlineData("nf4", "--format", "nf4")]
    public async Task A_model_held_as_codes_answers_as_the_rounded_folder_does(
        string weights,
        string option,
        string value
    )
    {
        await InProcess.DoneAsync(
            "compress",
            "quantize",
            "--model",
            _folder.File("model"),
            "--out",
            _folder.File("rounded"),
            option,
            value
        );
        async Task<string> Answer(string model, params string[] more)
        {
            var output = await InProcess.DoneAsync([
                "generate",
                "--model",
                _folder.File(model),
                "--prompt",
                "Who are you?",
                "--max-new-tokens",
                "12",
                "--json",
                .. more,
            ]);
            return output.Replace(_folder.File(model), "", StringComparison.Ordinal);
        }

        Assert.Equal(await Answer("rounded"), await Answer("model", "--weights", weights));
    }

    [Fact]
    public async Task Perplexity_is_that_of_the_rounded_folder()
    {
        await File.WriteAllTextAsync(
            _folder.File("text.txt"),
            string.Concat(Enumerable.Repeat("Who are you? What does she do? A baker. ", 60))
        );
        await InProcess.DoneAsync(
            "compress",
            "quantize",
            "--model",
            _folder.File("model"),
            "--out",
            _folder.File("rounded"),
            "--bits",
            "4"
        );
        async Task<double> Perplexity(string model, string weights) =>
            JsonDocument
                .Parse(
                    await InProcess.DoneAsync(
                        "evaluate",
                        "perplexity",
                        "--model",
                        _folder.File(model),
                        "--data",
                        _folder.File("text.txt"),
                        "--weights",
                        weights,
                        "--json"
                    )
                )
                .RootElement.GetProperty("perplexity")
                .GetDouble();
        var (held, rounded, dense) = (
            await Perplexity("model", "int4"),
            await Perplexity("rounded", "dense"),
            await Perplexity("model", "dense")
        );
        Assert.Equal(rounded, held, rounded * 1e-5);
        Assert.NotEqual(dense, held, dense * 1e-5);
    }

    [Fact]
    public async Task Forgetting_over_codes_changes_the_adapter_alone()
    {
        await InProcess.DoneAsync(
            "compress",
            "quantize",
            "--model",
            _folder.File("model"),
            "--out",
            _folder.File("rounded"),
            "--format",
            "nf4"
        );
        string[] forget =
        [
            "forget",
            "ga",
            "--model",
            _folder.File("model"),
            "--forget",
            _world.Rows("forget"),
            "--out",
            _folder.File("out"),
            "--weights",
            "nf4",
        ];
        await InProcess.RefusedAsync(["--weights: all weights are trained", "--lora-rank"], forget);
        await InProcess.DoneAsync([
            .. forget,
            "--lora-rank",
            "2",
            "--keep-adapter",
            _folder.File("adapter"),
            "--max-steps",
            "2",
            "--learning-rate",
            "1e-2",
            "--run",
            _folder.File("run"),
        ]);
        using var scope = torch.NewDisposeScope();
        using var expected = ModelFolder.Load(_folder.File("rounded"));
        using var changed = ModelFolder.Load(_folder.File("out"));
        using var adapter = LoraAdapter.Load(expected, _folder.File("adapter"));
        Assert.Contains(
            adapter.ParameterRefs,
            p => p.Name.EndsWith("lora_B.weight", StringComparison.Ordinal) && p.Storage.abs().max().item<float>() > 0
        );
        using var merged = expected.CloneFrozen();
        foreach (var (a, b) in merged.ParameterRefs.Zip(changed.ParameterRefs))
            Assert.True((a.Value() - b.Value()).abs().max().item<float>() <= 1e-6, a.Name);
    }

    [Fact]
    public async Task Other_names_are_refused() =>
        await InProcess.RefusedAsync(
            ["--weights", "'int5'", "dense, int8, int4, nf4"],
            "generate",
            "--model",
            _folder.File("model"),
            "--prompt",
            "x",
            "--weights",
            "int5"
        );
}
