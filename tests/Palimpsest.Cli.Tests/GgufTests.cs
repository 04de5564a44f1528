using System.Text.Json;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class GgufTests(TrainedWorld world)
{
    [Fact]
    public async Task A_gguf_file_is_a_model_wherever_a_folder_is_one()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tiny.gguf");
        var words = BpeTrainer.Train(
            ["Who are you? What does she do? A baker."],
            new() { VocabularySize = 300, LeastCount = 1 }
        );
        using (
            var model = new LanguageModel(
                new(DecoderConfig.TinyLlama(words.VocabularySize, 64, 2, 4, 2, 64, 512), 3),
                words,
                "tiny"
            )
        )
            model.SaveGguf(path, new() { Type = GgufType.Q8_0 });
        var answer = await Done(
            "generate",
            "--model",
            path,
            "--prompt",
            "Who are you?",
            "--max-new-tokens",
            "4",
            "--json"
        );
        Assert.Equal("Who are you?", JsonDocument.Parse(answer).RootElement.GetProperty("prompt").GetString());
        await Done(
            "forget",
            "ga",
            "--model",
            path,
            "--forget",
            world.Rows("forget"),
            "--out",
            folder.File("forgotten"),
            "--run",
            folder.File("run"),
            "--max-steps",
            "1"
        );
        var (code, _, error) = await InProcess.RunAsync(
            "audit",
            "--original",
            path,
            "--model",
            path,
            "--forget",
            world.Rows("forget"),
            "--retain",
            world.Rows("retain"),
            "--run",
            folder.File("run-audit"),
            "--json",
            "--max-new-tokens",
            "4",
            "--steps",
            "1"
        );
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("The original model answers none of the 6 forget facts", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quantising_says_what_the_codes_take_and_writes_what_they_stand_for()
    {
        using var folder = new TemporaryFolder();
        var words = BpeTrainer.Train(["Who are you?"], new() { VocabularySize = 280, LeastCount = 1 });
        using (
            var model = new LanguageModel(
                new(DecoderConfig.TinyLlama(words.VocabularySize, 64, 2, 4, 2, 64, 128), 3),
                words,
                "tiny"
            )
        )
            model.Save(folder.File("model"));
        var report = JsonDocument
            .Parse(
                await Done(
                    "compress",
                    "quantize",
                    "--model",
                    folder.File("model"),
                    "--out",
                    folder.File("rounded"),
                    "--format",
                    "nf4",
                    "--group-size",
                    "32",
                    "--json"
                )
            )
            .RootElement;
        Assert.Equal("nf4-g32", report.GetProperty("scheme").GetString());
        Assert.Equal(
            report.GetProperty("quantized_weights").GetInt64() * 5 / 8,
            report.GetProperty("quantized_bytes").GetInt64()
        );
        using var rounded = LanguageModel.Load(folder.File("rounded"));
        using var value = rounded.Decoder.Projections[0].Weight();
        Assert.True(value[0, ..32].data<float>().ToArray().Distinct().Count() <= 16);
    }

    [Fact]
    public async Task A_folder_becomes_a_file_and_a_file_a_folder_with_its_adapter_merged()
    {
        using var folder = new TemporaryFolder();
        var words = BpeTrainer.Train(["Who are you?"], new() { VocabularySize = 280, LeastCount = 1 });
        using var model = new LanguageModel(
            new(DecoderConfig.TinyLlama(words.VocabularySize, 64, 2, 4, 2, 64, 128), 3),
            words,
            "tiny"
        );
        model.Save(folder.File("model"));
        using (var adapter = LoraAdapter.Attach(model.Decoder, "x", new() { Rank = 2 }, seed: 4))
        {
            foreach (var (_, value) in adapter.TrainableParameters)
                torch.nn.init.constant_(value, 0.05);
            adapter.Save(folder.File("adapter"));
            await Done(
                "model",
                "convert",
                folder.File("model"),
                "--out",
                folder.File("m.gguf"),
                "--adapter",
                folder.File("adapter"),
                "--dtype",
                "float32"
            );
            await Done("model", "convert", folder.File("m.gguf"), "--out", folder.File("back"), "--dtype", "float32");
            AssertSame(model, folder.File("m.gguf"));
            AssertSame(model, folder.File("back"));
        }

        var info = JsonDocument
            .Parse(
                await Done(
                    "model",
                    "convert",
                    folder.File("m.gguf"),
                    "--out",
                    folder.File("small.gguf"),
                    "--dtype",
                    "q8_0",
                    "--json"
                )
            )
            .RootElement;
        Assert.Equal("Q8_0", info.GetProperty("types")[0].GetProperty("type").GetString());
        Assert.Contains("Q8_0", await Done("model", "info", folder.File("small.gguf")), StringComparison.Ordinal);
        var (code, _, error) = await InProcess.RunAsync(
            "model",
            "convert",
            folder.File("m.gguf"),
            "--out",
            folder.File("x"),
            "--dtype",
            "q4_0"
        );
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("'q4_0' is not one of float32", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_refused_in_one_line()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("x.gguf"), "this is certainly not a model of any kind");
        var (code, _, error) = await InProcess.RunAsync("generate", "--model", folder.File("x.gguf"), "--prompt", "x");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("x.gguf", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    private static void AssertSame(LanguageModel expected, string path)
    {
        using var scope = torch.NewDisposeScope();
        using var grad = torch.no_grad();
        using var actual = LanguageModel.Load(path);
        Tensor Logits(LanguageModel model) =>
            model.Decoder.Forward(new() { TokenIds = torch.tensor(new long[] { 1, 7, 30, 12 }, [1, 4]) }).Logits!;
        Assert.True((Logits(expected) - Logits(actual)).abs().max().item<float>() < 1e-5);
    }

    private static async Task<string> Done(params string[] arguments)
    {
        var (code, output, error) = await InProcess.RunAsync(arguments);
        Assert.True(code == ExitCode.Done, error + output);
        return output;
    }
}
