using System.Text.Json;
using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class OffsetTests : LogitComposerContract
{
    private static readonly UldOptions Npo = new() { Layers = 1, Offset = OffsetLoss.Npo };

    protected override ILogitComposer Create() => new OffsetComposer(new());

    protected override ILogitComposer CreateIdle() => new OffsetComposer(new() { Weight = 0 });

    [Fact, Trait("Category", "Golden")]
    public void Logits_loss_and_gradient_are_those_of_the_authors_code()
    {
        var folder = GoldenFolder.Shipped("systems", "uld");
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")));
        using var golden = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
        var trained = golden.Read("offset.new_assistant_logits").requires_grad_(true);
        Tensor[] logits = [golden.Read("compose.target_logits"), trained, golden.Read("compose.assistant_logits")];
        var composed = new OffsetComposer(new() { Weight = 0.9 }).Compose(logits, LogitUse.Scoring);
        Assert.True(allclose(golden.Read("offset.logits"), composed, rtol: 1e-4, atol: 1e-4), "logits");
        var labels = golden.Read("compose.labels");
        var mask = labels.ne(-100);
        mask.select(1, 0).fill_(false);
        var tokens = new TokenBatch(labels.clamp_min(0), ones_like(mask), mask, [0, 1]);
        var loss = ScoredBatch.FromLogits(tokens, composed).BatchTokenMean;
        loss.backward();
        var offset = json.RootElement.GetProperty("values").GetProperty("offset");
        Assert.Equal(offset.GetProperty("loss").GetDouble(), loss.item<float>(), 1e-4);
        var gradient = golden.Read("offset.grad_new_assistant_logits");
        Assert.True(allclose(gradient, trained.grad!, rtol: 1e-4, atol: 1e-6), "gradient");
    }

    [Theory]
    [InlineData(OffsetLoss.GradientAscent)]
    [InlineData(OffsetLoss.Npo)]
    [InlineData(OffsetLoss.Dpo)]
    public async Task Three_models_forget_together_and_the_original_is_as_it_was(OffsetLoss loss)
    {
        using var language = await ResultModels.TaughtAsync();
        var job = ResultModels.Job(language) with
        {
            Training = new()
            {
                MaxSteps = 30,
                Epochs = 30,
                Optimizer = new() { LearningRate = 3e-3 },
            },
        };
        if (loss == OffsetLoss.Dpo)
            job = job with { Alternates = [.. job.Forget.Select(_ => new[] { job.Retain[0] })] };
        var hash = WeightHash.Of(language.Decoder);
        var method = new UldMethod(Npo with { Offset = loss });
        Assert.Equal((true, loss == OffsetLoss.Dpo), (method.ReadsRetain, method.ReadsAlternates));
        using var result = Assert.IsType<Composed>(await method.RunAsync(job));
        Assert.Equal(hash, WeightHash.Of(language.Decoder));
        Assert.Equal(1, result.Beginning!.Config.Layers);
        Assert.NotEqual(WeightHash.Of(result.Beginning), WeightHash.Of(result.Assistant));
        using var answering = result.Open(language, "three");
        static async Task<double> Nll(IScoredModel model, IReadOnlyList<TokenSequence> rows) =>
            (await model.ScoreAsync(rows, new())).Average(score => -score.LogProbabilities.Sum());

        var forgotten = await Nll(answering, job.Forget) - await Nll(language, job.Forget);
        var lost = await Nll(answering, job.Retain) - await Nll(language, job.Retain);
        Assert.True(forgotten > 1 && forgotten > lost, $"{forgotten} more on forget rows, {lost} on retain rows");
    }

    [Fact]
    public async Task Before_training_the_three_are_the_original_and_saved_they_are_read_again()
    {
        using var folder = new TemporaryFolder();
        using var language = ResultModels.New(1);
        var (original, place) = (folder.File("original"), folder.File("result"));
        language.Save(original);
        var job = ResultModels.Job(language);
        job = job with { Training = job.Training with { Optimizer = new() { LearningRate = 1e-12 } } };
        using (var still = (Composed)await new UldMethod(Npo).RunAsync(job))
        {
            var expected = await Scores(language, job.Forget);
            using var answering = still.Open(language, "three");
            Assert.Equal(expected, await Scores(answering, job.Forget), (a, b) => Math.Abs(a - b) < 1e-5);
        }

        using var result = (Composed)await new UldMethod(Npo).RunAsync(ResultModels.Job(language));
        result.Save(place, language, original);
        Assert.Equal(
            [Composed.AssistantFolder, Composed.BeginningFolder],
            ResultRecord.Read(place)!.Composition!.Models
        );
        using var read = StoredModel.Load(place);
        using var open = result.Open(language, "three");
        Assert.Equal(await Scores(open, job.Forget), await Scores(read, job.Forget), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public async Task Settings_of_the_other_form_are_refused()
    {
        using var language = ResultModels.New(1);
        UldOptions[] refused =
        [
            new() { OffsetWeight = 2 },
            new() { OffsetRetain = RetainTerm.None },
            new() { OffsetRetainWeight = 2 },
            Npo with
            {
                OffsetRetain = RetainTerm.Hidden,
            },
            Npo with
            {
                RetainWeight = 1,
            },
            Npo with
            {
                UniformOver = KlPositions.RealTokens,
            },
            Npo with
            {
                Subtraction = 0.5,
            },
            Npo with
            {
                Filter = 0,
            },
        ];
        foreach (var options in refused)
            await Assert.ThrowsAsync<InputException>(() => new UldMethod(options).RunAsync(ResultModels.Job(language)));
        Assert.False(new UldMethod(Npo with { OffsetRetain = RetainTerm.None }).ReadsRetain);
    }

    private static async Task<float[]> Scores(IScoredModel model, IReadOnlyList<TokenSequence> rows) =>
        [.. (await model.ScoreAsync(rows, new())).SelectMany(score => score.LogProbabilities)];
}
