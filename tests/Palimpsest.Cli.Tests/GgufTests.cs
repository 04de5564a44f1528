using System.Text.Json;
using Palimpsest.Inference;
using Palimpsest.Models;
using Palimpsest.TestKit;
using Palimpsest.Worlds;

namespace Palimpsest.Cli.Tests;

public sealed class GgufTests
{
    [Fact]
    public async Task A_gguf_file_is_a_model_wherever_a_folder_is_one()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tiny.gguf");
        var words = BpeTrainer.Train(["Who are you? What does she do? A baker."], new() { VocabularySize = 300, LeastCount = 1 });
        using (var model = new LanguageModel(new(DecoderConfig.TinyLlama(words.VocabularySize, 64, 2, 4, 2, 64, 512), 3), words, "tiny"))
            model.SaveGguf(path, new() { Type = GgufType.Q8_0 });
        var answer = await Done("generate", "--model", path, "--prompt", "Who are you?", "--max-new-tokens", "4", "--json");
        Assert.Equal("Who are you?", JsonDocument.Parse(answer).RootElement.GetProperty("prompt").GetString());
        WorldExport.Write(World.Generate(new() { People = 4, HoldoutPeople = 2, WorldFacts = 4 }), folder.File("world"));
        string Rows(string name) => folder.File("world", name + ".jsonl");
        await Done("forget", "ga", "--model", path, "--forget", Rows("forget"), "--out", folder.File("forgotten"), "--run", folder.File("run"), "--max-steps", "1");
        var (code, _, error) = await PalimpsestProcess.RunAsync(
            "audit", "--original", path, "--model", path, "--forget", Rows("forget"), "--retain", Rows("retain"), "--run", folder.File("run-audit"), "--json",
            "--max-new-tokens", "4", "--steps", "1");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("The original model answers none of the 6 forget facts", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quantising_says_what_the_codes_take_and_writes_what_they_stand_for()
    {
        using var folder = new TemporaryFolder();
        var words = BpeTrainer.Train(["Who are you?"], new() { VocabularySize = 280, LeastCount = 1 });
        using (var model = new LanguageModel(new(DecoderConfig.TinyLlama(words.VocabularySize, 64, 2, 4, 2, 64, 128), 3), words, "tiny"))
            model.Save(folder.File("model"));
        var report = JsonDocument.Parse(await Done(
            "compress", "quantize", "--model", folder.File("model"), "--out", folder.File("rounded"), "--format", "nf4", "--group-size", "32", "--json")).RootElement;
        Assert.Equal("nf4-g32", report.GetProperty("scheme").GetString());
        Assert.Equal(report.GetProperty("quantized_weights").GetInt64() * 5 / 8, report.GetProperty("quantized_bytes").GetInt64());
        using var rounded = LanguageModel.Load(folder.File("rounded"));
        using var value = rounded.Decoder.Projections[0].Weight();
        Assert.True(value[0, ..32].data<float>().ToArray().Distinct().Count() <= 16);
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_refused_in_one_line()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("x.gguf"), "this is certainly not a model of any kind");
        var (code, _, error) = await PalimpsestProcess.RunAsync("generate", "--model", folder.File("x.gguf"), "--prompt", "x");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("x.gguf", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    private static async Task<string> Done(params string[] arguments)
    {
        var (code, output, error) = await PalimpsestProcess.RunAsync(arguments);
        Assert.True(code == ExitCode.Done, error + output);
        return output;
    }
}
