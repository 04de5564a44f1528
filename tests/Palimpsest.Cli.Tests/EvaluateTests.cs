using System.Text.Json;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Cli.Tests;

public sealed class EvaluateTests : IDisposable
{
    private const string Facts =
        """{"id": "owl", "scope": "forget", "subject": "Mira", "relation": "owl", "object": "Ost","""
        + """ "question": "Which owl has Mira?", "answer": "Mira has Ost.","""
        + """ "paraphrases": ["What owl lives with Mira?"], "candidates": ["Ost", "Pell", "Grau"]}"""
        + "\n"
        + """{"id": "moon", "scope": "irrelevant", "subject": "moon", "relation": "colour", "object": "grey","""
        + """ "question": "What colour is the moon?", "answer": "The moon is grey.","""
        + """ "candidates": ["grey", "green"]}""";

    private readonly TemporaryFolder _folder = new();

    public EvaluateTests()
    {
        var tokenizer = BpeTrainer.Train([Facts], new() { VocabularySize = 300 });
        using var model = new LanguageModel(
            new(DecoderConfig.TinyLlama(tokenizer.VocabularySize, 16, 1, 2, 2, 32, 128), seed: 1),
            tokenizer,
            "tiny"
        );
        model.Save(_folder.File("model"));
        File.WriteAllText(_folder.File("facts.jsonl"), Facts);
        File.WriteAllText(_folder.File("text.txt"), Facts + Facts);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Choice_gives_rates_by_group_with_their_chance_and_every_item()
    {
        var result = await Evaluate("choice", "facts.jsonl", "--normalization", "byte");
        Assert.Equal("byte", result.GetProperty("normalization").GetString());
        Assert.Equal(
            ["forget", "forget, rephrased", "irrelevant"],
            result.GetProperty("accuracy").EnumerateObject().Select(group => group.Name)
        );
        Assert.Equal(1.0 / 3, result.GetProperty("chance").GetProperty("forget").GetDouble(), 1e-12);
        Assert.Equal(
            [3, 3, 2],
            result.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("scores").GetArrayLength())
        );
    }

    [Fact]
    public async Task Recall_gives_what_was_said()
    {
        var result = await Evaluate("recall", "facts.jsonl", "--max-new-tokens", "3");
        Assert.Equal(3, result.GetProperty("items").GetArrayLength());
        Assert.Equal(1, result.GetProperty("accuracy").GetProperty("irrelevant").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task Perplexity_reads_as_many_blocks_as_asked_for()
    {
        var result = await Evaluate("perplexity", "text.txt", "--block-tokens", "16", "--max-blocks", "3");
        Assert.Equal((3, 45), (result.GetProperty("blocks").GetInt32(), result.GetProperty("tokens").GetInt32()));
        Assert.InRange(result.GetProperty("perplexity").GetDouble(), 1, 1e6);
    }

    [Fact]
    public async Task Tofu_keeps_the_parts_that_are_finished_and_writes_the_public_evaluators_files()
    {
        Directory.CreateDirectory(_folder.File("tofu"));
        foreach (var part in new[] { "forget01", "retain", "real_authors", "world_facts" })
            File.WriteAllLines(
                _folder.File("tofu", part + "_perturbed.json"),
                Enumerable.Range(1, 3).Select(row => TofuRow(part, row))
            );
        string[] options =
        [
            "--forget",
            "forget01",
            "--run",
            _folder.File("run"),
            "--max-new-tokens",
            "4",
            "--format",
            "open-unlearning",
            "--retained",
            _folder.File("model"),
        ];
        var first = await Evaluate("tofu", "tofu", options);
        var utility = first.GetProperty("model_utility");
        Assert.InRange(utility.GetProperty("value").GetDouble(), 0, 1);
        Assert.Equal(9, utility.GetProperty("n").GetInt32());
        Assert.Equal(JsonValueKind.Null, first.GetProperty("mia_loss").GetProperty("value").ValueKind);
        Assert.Equal(
            "no holdout rows were given",
            first.GetProperty("mia_loss").GetProperty("value_reason").GetString()
        );
        foreach (var file in new[] { "TOFU_EVAL.json", "TOFU_SUMMARY.json", "summary.json" })
            Assert.True(File.Exists(_folder.File("run", file)), file);

        // As if it had been stopped in its last part.
        var stages = Directory.GetFiles(_folder.File("run", "stages"), "*.json", SearchOption.AllDirectories);
        File.Delete(
            stages.Single(path =>
                Path.GetFileName(path) == "wf.json" && Path.GetFileName(Path.GetDirectoryName(path)) != "retained"
            )
        );
        var kept = stages.Where(File.Exists).ToDictionary(path => path, File.GetLastWriteTimeUtc);
        Assert.True(JsonElement.DeepEquals(first, await Evaluate("tofu", "tofu", options)));
        Assert.Equal(7, kept.Count);
        Assert.All(kept, stage => Assert.Equal(stage.Value, File.GetLastWriteTimeUtc(stage.Key)));
        Assert.All(stages, stage => Assert.True(File.Exists(stage), stage));
    }

    [Fact]
    public async Task A_block_of_one_token_is_refused_in_one_line()
    {
        var (code, _, error) = await InProcess.RunAsync(
            "evaluate",
            "perplexity",
            "--model",
            _folder.File("model"),
            "--data",
            _folder.File("text.txt"),
            "--block-tokens",
            "1"
        );
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("--block-tokens: 1 is not allowed; it must be >= 2.", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private static string TofuRow(string part, int row) =>
        JsonSerializer.Serialize(
            new
            {
                question = $"Which owl has {part} {row}?",
                answer = $"It has Ost {row}.",
                paraphrased_answer = $"Ost {row} is the owl.",
                perturbed_answer = new[] { $"Pell {row} is the owl.", $"Grau {row} is the owl." },
                paraphrased_question = $"What owl lives with {part} {row}?",
            }
        );

    private async Task<JsonElement> Evaluate(string benchmark, string data, params string[] options)
    {
        var (code, output, error) = await InProcess.RunAsync([
            "evaluate",
            benchmark,
            "--model",
            _folder.File("model"),
            "--data",
            _folder.File(data),
            "--json",
            .. options,
        ]);
        Assert.True(code == ExitCode.Done, error + output);
        return JsonDocument.Parse(output).RootElement;
    }
}
