using System.Text.Json;
using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class MemorizationStopTests
{
    [Theory, Trait("Category", "Golden")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void It_stops_where_the_authors_code_stops_also_when_it_was_loaded_again(int run)
    {
        using var json = JsonDocument.Parse(
            File.ReadAllText(GoldenFolder.Shipped("systems", "codeeraser", "reference.json"))
        );
        var expected = json.RootElement.GetProperty("stop_rule")[run];
        var threshold = new MemorizationLevel(
            expected.GetProperty("ma_threshold").GetDouble(),
            expected.GetProperty("el10_threshold").GetDouble()
        );
        var options = new CodeEraserOptions
        {
            StopMargin = expected.GetProperty("margin").GetDouble(),
            StopPatience = expected.GetProperty("patience").GetInt32(),
        };
        var rule = new MemorizationStop([], threshold, options, every: 1);
        foreach (var step in expected.GetProperty("steps").EnumerateArray())
        {
            var likelihood = step.GetProperty("mean_EL_measured");
            var level = new MemorizationLevel(
                step.GetProperty("mean_MA").GetDouble(),
                likelihood.ValueKind == JsonValueKind.Null ? null : likelihood.GetDouble()
            );
            var reason = rule.Judge(level, step.GetProperty("epoch").GetInt32());
            Assert.Equal(step.GetProperty("stop").GetBoolean(), reason is not null);
            if (reason is not null && level.ExtractionLikelihood >= threshold.ExtractionLikelihood)
                Assert.Contains(
                    $"step {step.GetProperty("best_epoch").GetInt32()} had the least",
                    reason,
                    StringComparison.Ordinal
                );
            using var scope = NewDisposeScope();
            var state = rule.State().ToDictionary(pair => pair.Name, pair => pair.Value);
            rule = new(Array.Empty<TokenSequence>(), threshold, options, every: 1);
            rule.LoadState(name => state[name]);
            Assert.Equal(
                step.GetProperty("el_active_from_next_epoch").GetBoolean() ? 1 : 0,
                rule.State().First().Value[0].item<double>()
            );
        }
    }

    [Fact]
    public async Task A_run_stops_when_secrets_are_known_no_better_than_unseen_ones()
    {
        using var model = new CausalLM(
            DecoderConfig.TinyLlama(32, 32, 1, 2, 2, 64, 32) with
            {
                InitializerRange = 0.1,
            },
            4
        );
        TokenSequence[] all = [.. Enumerable.Range(0, 12).Select(Row)];
        var taught = new TrainOptions
        {
            MaxSteps = 200,
            Epochs = 200,
            Optimizer = new() { LearningRate = 1e-2 },
        };
        await new Trainer(taught).RunAsync(
            model,
            new SequenceBatchSource(all[..8], 8, 0, 1),
            new NextTokenLoss(),
            cancellationToken: TestContext.Current.CancellationToken
        );
        model.eval();
        var job = new UnlearnJob
        {
            Model = model,
            PadId = 0,
            Forget = all[..4],
            Retain = all[4..8],
            Holdout = all[8..],
            BatchSize = 2,
            Training = new()
            {
                MaxSteps = 200,
                Epochs = 200,
                Optimizer = new() { LearningRate = 1e-3 },
            },
        };
        var method = Catalog.Find("codeeraser").Create(new CodeEraserOptions { StopNgram = 2, SurroundingWeight = 1 });
        Assert.True(method.ReadsHoldout);
        var threshold = MemorizationLevel.Of(model, job.Holdout, 2);
        var before = MemorizationLevel.Of(model, job.Forget, 2);
        Assert.True(before.Accuracy > threshold.Accuracy + 0.3, $"{before} and {threshold}");
        var result = await method.RunAsync(job);
        using var stopped = result.Model;
        var after = MemorizationLevel.Of(stopped, job.Forget, 2);
        Assert.True(result.Training.StoppedEarly, $"{after} and {threshold}");
        Assert.Equal(0, result.Training.Steps % 2);
        Assert.True(after.Accuracy < threshold.Accuracy, $"{after} and {threshold}");
        Assert.Contains($"step {result.Training.Steps}: memorisation accuracy", result.StoppedBecause);

        var other = await Assert.ThrowsAsync<InputException>(() => method.RunAsync(job with { Holdout = [] }));
        Assert.Contains("without held-out rows", other.Message, StringComparison.Ordinal);
        var same = await Assert.ThrowsAsync<InputException>(() => method.RunAsync(job with { Holdout = all[3..5] }));
        Assert.Contains("Held-out row 0 is a forget row too", same.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_unseen_rows_are_not_known_at_all_nothing_known_is_enough()
    {
        var rule = new MemorizationStop([], new(0, 0), new(), every: 1);
        Assert.Null(rule.Judge(new(0.2, null), 1));
        Assert.Null(rule.Judge(new(0, 0.1), 2));
        Assert.NotNull(rule.Judge(new(0, 0), 3));
    }

    // A name, a word, three tokens of secret that the name decides, a word.
    private static TokenSequence Row(int i)
    {
        var random = new SeededRandom((ulong)i);
        int[] secret = [.. Enumerable.Range(0, 3).Select(_ => 20 + random.Below(3))];
        return new([1 + i, 14, .. secret, 15, 16], 1, i) { Tags = [0, 0, 1, 1, 1, 0, 0] };
    }
}
