using System.Text.Json;
using Palimpsest.Inference;
using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class UldMethodTests
{
    [Theory, Trait("Category", "Golden")]
    [InlineData(5.0, "5.0")]
    [InlineData(6.5, "6.5")]
    public void The_assistants_loss_and_its_logit_gradients_equal_the_authors(double weight, string name)
    {
        var folder = GoldenFolder.Shipped("systems", "uld");
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")));
        using var tensors = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
        var key = $"GradDescent+{name}*Uniform";
        var kept = tensors.Read("loss.retainlabels").ne(0);
        var logits = tensors.Read("loss.row.logits").requires_grad_(true);
        var loss = new Uld(new() { RetainWeight = weight }).Loss(
            new(Rows(tensors, logits, kept.logical_not()), null, Rows(tensors, logits, kept))
        );
        loss.backward();
        var expected = json.RootElement.GetProperty("values").GetProperty("losses").GetProperty(key);
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.item<float>(), 1e-4);
        var gradient = tensors.Read($"loss.{key}.grad_row_logits");
        Assert.True(allclose(gradient, logits.grad!, rtol: 1e-4, atol: 1e-6), "gradient");
    }

    [Fact]
    public void A_uniform_model_pays_for_what_it_does_not_remember_alone_and_padding_can_be_left_out()
    {
        using var scope = NewDisposeScope();
        var forget = ScoredBatch.Of([0.7], []);
        double Loss(float[] logits, int padding, KlPositions over)
        {
            var width = 1 + padding;
            var real = arange(width).less(1).unsqueeze(0);
            var values = cat([tensor(logits), zeros(3 * padding)]).reshape(1, width, 3);
            var retain = new ScoredBatch(new(zeros([1, width], ScalarType.Int64), real, real, [0]), zeros([1, width]))
            {
                Logits = values,
            };
            return new Uld(new() { RetainWeight = 2, UniformOver = over })
                .Loss(new(forget, null, retain))
                .item<double>();
        }

        Assert.Equal(0.7, Loss([4, 4, 4], 0, KlPositions.Every), 1e-6);
        // KL(uniform || softmax(ln 1, ln 2, ln 1)) = -ln 3 - (ln 1/4 + ln 1/2 + ln 1/4) / 3
        var divergence = -Math.Log(3) + (2 * Math.Log(4) + Math.Log(2)) / 3;
        float[] uneven = [0, (float)Math.Log(2), 0];
        Assert.Equal(0.7 + 2 * divergence, Loss(uneven, 0, KlPositions.Every), 1e-5);
        Assert.Equal(0.7 + divergence, Loss(uneven, 1, KlPositions.Every), 1e-5);
        Assert.Equal(0.7 + 2 * divergence, Loss(uneven, 5, KlPositions.RealTokens), 1e-5);
    }

    [Fact]
    public async Task A_pair_forgets_what_the_assistant_learnt_and_keeps_the_rest_and_the_original_is_as_it_was()
    {
        using var language = await ResultModels.TaughtAsync();
        var job = ResultModels.Job(language) with
        {
            Training = new()
            {
                MaxSteps = 80,
                Optimizer = new() { LearningRate = 1e-2 },
            },
        };
        var hash = WeightHash.Of(language.Decoder);
        var options = new UldOptions { Layers = 1, UniformOver = KlPositions.RealTokens };
        var result = await new UldMethod(options).RunAsync(job);
        using var pair = Assert.IsType<Composed>(result);
        Assert.Equal(1, pair.Assistant.Config.Layers);
        Assert.Equal(hash, WeightHash.Of(language.Decoder));
        Assert.True(pair.KnowledgeInStoredWeights);
        Assert.Throws<InvalidOperationException>(() => pair.Model);
        using var answering = pair.Open(language, "pair");
        async Task<double> Nll(IScoredModel model, IReadOnlyList<TokenSequence> rows) =>
            (await model.ScoreAsync(rows, new())).Average(score => -score.LogProbabilities.Sum());

        var (forgotten, known) = (await Nll(answering, job.Forget), await Nll(language, job.Forget));
        Assert.True(forgotten > known + 2, $"{known} to {forgotten}");
        var (kept, before) = (await Nll(answering, job.Retain), await Nll(language, job.Retain));
        Assert.True(kept < before + 0.5, $"{before} to {kept}");
        Assert.NotEqual(await RepliesAsync(language), await RepliesAsync(answering));

        static Task<IReadOnlyList<string>> RepliesAsync(GeneratingModel model)
        {
            var questions = Enumerable.Range(0, 4).Select(row => new[] { Turn.User(ResultModels.Question(row)) });
            return model.ReplyAsync([.. questions], new() { MaxNewTokens = 8 });
        }
    }

    [Fact]
    public async Task What_would_have_no_effect_is_refused()
    {
        using var language = ResultModels.New(1);
        var job = ResultModels.Job(language);
        var method = new UldMethod(new());
        await Assert.ThrowsAsync<InputException>(() => method.RunAsync(job with { MayChange = new WeightSelector() }));
        await Assert.ThrowsAsync<InputException>(() => method.RunAsync(job with { Reference = language.Decoder }));
        var many = new UldMethod(new() { Layers = 9 });
        var error = await Assert.ThrowsAsync<InputException>(() => many.RunAsync(job));
        Assert.Contains("1 to 2", error.Message, StringComparison.Ordinal);
    }

    private static ScoredBatch Rows(SafetensorsFile tensors, Tensor logits, Tensor rows)
    {
        var index = rows.nonzero().squeeze(1);
        var labels = tensors.Read("loss.row.labels").index_select(0, index).ne(-100);
        labels.select(1, 0).fill_(false);
        return ScoredBatch.FromLogits(
            new(
                tensors.Read("loss.row.input_ids").index_select(0, index),
                tensors.Read("loss.row.attention_mask").index_select(0, index).to(ScalarType.Bool),
                labels,
                [.. Enumerable.Range(0, (int)index.shape[0])]
            ),
            logits.index_select(0, index)
        );
    }
}
