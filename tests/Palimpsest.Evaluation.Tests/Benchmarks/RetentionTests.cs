using System.Text.Json;
using Palimpsest.Checkpoints;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Evaluation.Tests;

public sealed class RetentionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_likelier_text_of_a_pair_is_recognised_a_tie_is_not_and_swapping_gives_the_rest()
    {
        StudiedText[] pairs = [Pair("a", "the old owl", "the new cow"), Pair("b", "a dim owl", "the cow is new")];
        var model = Model((text, _) => text.Contains("owl", StringComparison.Ordinal) ? -1 : -2);
        Assert.Equal(1, await RecognitionAsync(model, pairs));
        Assert.Equal(
            0,
            await RecognitionAsync(model, [.. pairs.Select(pair => pair with { Text = pair.Foil, Foil = pair.Text })])
        );
        Assert.Equal(0, await RecognitionAsync(Model((_, _) => -1), pairs));
    }

    [Fact]
    public async Task Recall_is_read_of_the_second_half_with_and_without_the_first()
    {
        // The tokenizer's own first token and 17 of a byte each: halves of nine.
        var model = Model((_, _) => -1, "two dogs");
        var result = await new RetentionTask([Pair("a", "red owl two cows!", "x y")], new()).RunAsync(model, new());
        Assert.Equal("red owl ", Assert.Single(model.Prompts));
        Assert.Equal(9, model.Decoding!.MaxNewTokens);
        Assert.IsType<ForbiddenTokens>(Assert.Single(model.Decoding.LogitProcessors));
        Assert.Equal(0.5, result[RetentionTask.Continuation].Level.Value);
        Assert.Equal(0.75, result[RetentionTask.WithPrompt].Level.Value);
        Assert.Equal(2.0 / 3, result[RetentionTask.Floor].Level.Value, 1e-12);
        // The model's likeliest token is each time the text's own.
        Assert.Equal((1.0, 1.0), (result[RetentionTask.Exact].Level.Value, result[RetentionTask.Tokens].Level.Value));
        Assert.Equal(ScoreMeaning.Forgotten, result[RetentionTask.Tokens].Meaning);
    }

    [Fact]
    public async Task Texts_are_cut_at_the_block()
    {
        var model = Model((_, _) => -1, "x");
        await new RetentionTask([Pair("a", "0123456789", "9876543210")], new() { BlockTokens = 6 }).RunAsync(
            model,
            new()
        );
        Assert.Equal("01", Assert.Single(model.Prompts)); // and the first token: half of six
        Refusal.Of(
            () => new RetentionTask([Pair("a", "", "12")], new()).Require(model),
            "place a",
            "is a single token"
        );
    }

    [Fact]
    public void Sentences_and_foils_are_read_side_by_side()
    {
        Write("seen_data_0.json", """{"sent": "one", "sent_id": 3}""", """{"id": "i", "text": "two"}""");
        Write("unseen_data_0.json", """{"sent": "three"}""", """{"sent": "four"}""");
        var task = new RetentionBenchmark(new()).Read(_folder.File("seen_data_0.json"));
        Assert.Equal((2, 4), (task.Cost.Replies, task.Cost.Sequences));
        Write("unseen_data_1.json", """{"sent": "three"}""");
        Write("seen_data_1.json", """{"sent": "one"}""", """{"sent": "two"}""");
        Refusal.Of(() => Read("seen_data_1.json"), "unseen_data_1.json", "1 sentences for 2");
        Write("seen_data_2.json", """{"sent": "one"}""");
        Write("unseen_data_2.json", """{"sent": "one"}""");
        Refusal.Of(() => Read("seen_data_2.json"), "unseen_data_2.json, line 1", "is the studied sentence itself");
        Write("seen_data_3.json", """{"sent": ""}""");
        Refusal.Of(() => Read("seen_data_3.json"), "seen_data_3.json, line 1", "'sent' is empty");
        Refusal.Of(() => Read("unseen_data_0.json"), "begins not with seen_data");
    }

    [Fact]
    public void A_planted_curve_is_found_again()
    {
        int[] updates = [0, 1, 2, 5, 10, 30, 100, 300];
        var power = RetentionCurve.Of(updates, [.. updates.Select(t => 0.2 + 0.8 * Math.Pow(1 + t, -1.0))], 0.2);
        Assert.Equal(1, power.Exponent, 1e-6);
        Assert.Equal(0, power.PowerError, 1e-12);
        Assert.True(power.ExponentialError > 1e-4);
        Assert.Equal(0.8 * (1 - 1.0 / 11), power.EarlyDrop, 1e-12);
        Assert.Equal(0.8 * (1.0 / 11 - 1.0 / 301), power.LateDrop, 1e-12);
        Assert.Equal(1, power.HalfLife!.Value, 1e-9);
        var exponential = RetentionCurve.Of(updates, [.. updates.Select(t => 0.1 + 0.5 * Math.Exp(-t / 10.0))], 0.1);
        Assert.Equal(10, exponential.TimeConstant, 1e-6);
        Assert.True(exponential.ExponentialError < 1e-12 && exponential.PowerError > 1e-4);
        Assert.Null(RetentionCurve.Of([0, 10, 20], [0.9, 0.8, 0.7], 0.1).HalfLife);
        Refusal.Of(() => RetentionCurve.Of([0, 5, 20], [1, 1, 1], 0), "after 10 updates");
        Refusal.Of(() => RetentionCurve.Of([0, 10, 10], [1, 1, 1], 0), "rising order");
    }

    [Fact]
    [Trait("Category", "Golden")]
    public async Task Losses_completions_and_scores_of_a_trained_model_are_those_of_the_reference()
    {
        if (
            GoldenFolder.TryGet("tofu-small", "full") is not { } folder
            || GoldenFolder.TryGet("systems", "recognition-recall-retention") is not { } golden
        )
        {
            Assert.Skip("the trained model is not in this folder of reference values");
            return;
        }

        var reference = JsonDocument.Parse(File.ReadAllText(Path.Combine(golden, "reference.json"))).RootElement;
        using var tensors = SafetensorsFile.Open(Path.Combine(golden, "reference.safetensors"));
        using var model = LanguageModel.Load(folder);
        var (data, recall) = (reference.GetProperty("data"), reference.GetProperty("recall"));
        StudiedText[] pairs =
        [
            .. Texts(data, "seen")
                .Zip(Texts(data, "unseen"))
                .Select((pair, i) => Pair($"{i}", pair.First, pair.Second)),
        ];
        var options = new RetentionOptions { BlockTokens = data.GetProperty("block_size").GetInt32() };
        var result = await new RetentionTask(pairs, options).RunAsync(model, new());
        Assert.Equal(
            reference.GetProperty("recognition_batch1").GetProperty("mean_accuracy").GetDouble(),
            result[RetentionTask.Recognition].Level.Value,
            1e-9
        );
        var written = result.Items.Where(item => item.Score == RetentionTask.WithPrompt).ToArray();
        Assert.Equal(Texts(recall, "ground_truth"), written.Select(item => item.Expected));
        Assert.Equal(Texts(recall, "prompt"), written.Select(item => item.Prompt));
        Assert.Equal(Texts(recall, "completion_with_prompt"), written.Select(item => item.Said));
        using var rouge = tensors.Read("recall.rougeL");
        using var doubles = rouge.to_type(ScalarType.Float64);
        foreach (var (expected, item) in doubles.data<double>().ToArray().Zip(written))
            Assert.Equal(expected, item.Value, 1e-6);
        foreach (
            var (expected, item) in recall
                .GetProperty("floor_rougeL_prompt_only")
                .EnumerateArray()
                .Zip(result.Items.Where(item => item.Score == RetentionTask.Floor))
        )
            Assert.Equal(expected.GetDouble(), item.Value, 1e-6);
    }

    private static TaskModel Model(Func<string, string, float> logProbability, string written = "") =>
        new(_ => written, logProbability);

    private static async Task<double> RecognitionAsync(TaskModel model, StudiedText[] pairs) =>
        (await new RetentionTask(pairs, new()).RunAsync(model, new()))[RetentionTask.Recognition].Level.Value;

    private static StudiedText Pair(string id, string text, string foil) => new(id, $"place {id}", text, foil);

    private static string[] Texts(JsonElement from, string name) =>
        [.. from.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];

    private BenchmarkTask Read(string name) => new RetentionBenchmark(new()).Read(_folder.File(name));

    private void Write(string name, params string[] lines) => File.WriteAllLines(_folder.File(name), lines);
}
