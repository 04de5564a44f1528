using System.Text.Json;
using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Unlearning.Tests;

public sealed class CodeEraserTests
{
    [Fact]
    public void The_value_of_the_sheet_which_padding_does_not_change()
    {
        using var scope = NewDisposeScope();
        // S has NLL 2 and 1 and no divergence, N 0.5, 0.5 and 1.
        float[] nll = [0, 2, 0.5f, 1, 0.5f, 1];
        int[] tags = [0, 1, 0, 7, 0, 0];
        Assert.Equal(-1.5 + 0.1 * 2 / 3, Loss(nll, tags, padding: 0), 1e-5);
        Assert.Equal(-1.5 + 0.1 * 2 / 3, Loss(nll, tags, padding: 100), 1e-5);
    }

    [Fact]
    public void A_row_that_is_secret_throughout_has_a_loss()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(-1.5, Loss([0, 1, 2], [0, 1, 1], padding: 0), 1e-5);
    }

    [Theory, Trait("Category", "Golden")]
    [InlineData("default", 0.1, 0.1)]
    [InlineData("other", 0.7, 0.4)]
    public void Values_and_gradients_equal_the_authors(string name, double divergence, double surrounding)
    {
        var folder = GoldenFolder.Shipped("systems", "codeeraser");
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")));
        using var tensors = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
        var ids = tensors.Read("one.input_ids");
        var real = tensors.Read("one.attention_mask").to(ScalarType.Bool);
        var labels = real.clone();
        labels.select(1, 0).fill_(false);
        var batch = ScoredBatch.FromLogits(
            new(ids, real, labels, [0]) { Tags = tensors.Read("one.secret_mask").to(ScalarType.Int64) },
            tensors.Read("one.logits").requires_grad_(true),
            tensors.Read("one.reference_logits")
        );
        // The authors' mean over the 6 tokens around the secret counts the 3 of padding too.
        var options = new CodeEraserOptions { DivergenceWeight = divergence, SurroundingWeight = surrounding * 6 / 9 };
        var loss = new CodeEraser(options).Loss(new(batch));
        loss.backward();
        var expected = json.RootElement.GetProperty("losses").GetProperty($"SSCU.{name}.one").GetDouble();
        Assert.Equal(expected, loss.item<float>(), 1e-4);
        Assert.True(
            allclose(batch.Logits!.grad!, tensors.Read($"grad.SSCU.{name}.one"), rtol: 1e-4, atol: 1e-5),
            "gradient"
        );
    }

    [Fact]
    public async Task Secrets_are_forgotten_and_the_code_around_them_is_kept()
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(DecoderConfig.TinyLlama(32, 32, 1, 2, 2, 64, 32), 4);
        int[] ids = [1, 5, 6, 7, 20, 21, 22, 8, 9];
        int[] tags = [0, 0, 0, 0, 1, 1, 1, 0, 0];
        var rows = new[] { new TokenSequence(ids, 1) { Tags = tags } };
        var taught = new TrainOptions
        {
            MaxSteps = 60,
            Optimizer = new() { LearningRate = 1e-2 },
        };
        await new Trainer(taught).RunAsync(
            model,
            new SequenceBatchSource(rows, 1, 0, 1),
            new NextTokenLoss(),
            cancellationToken: TestContext.Current.CancellationToken
        );
        var job = new UnlearnJob
        {
            Model = model,
            PadId = 0,
            Forget = rows,
            Retain = [new([2, 10, 11, 12], 1)],
            Training = new()
            {
                MaxSteps = 12,
                Optimizer = new() { LearningRate = 2e-3 },
            },
        };
        var options = new CodeEraserOptions { SurroundingWeight = 1 };
        var method = new Unlearner("codeeraser", new CodeEraser(options), options);
        var result = await method.RunAsync(job, cancellationToken: TestContext.Current.CancellationToken);
        using var forgot = result.Model;
        var (before, after) = (PerToken(model, rows[0]), PerToken(forgot, rows[0]));
        Assert.True(Mean(after, tags, 1) > Mean(before, tags, 1) + 1, "the secret is not forgotten");
        Assert.True(Mean(after, tags, 0) < Mean(after, tags, 1) / 3, "the code around it is forgotten as well");
        var bare = await Assert.ThrowsAsync<InputException>(() =>
            method.RunAsync(job with { Forget = [rows[0], new(ids, 1, 1)] })
        );
        Assert.Contains("Forget row 1 has no tagged token", bare.Message, StringComparison.Ordinal);
        var unread = new TokenSequence(ids, 5) { Tags = [0, 1, 1, 0, 0, 0, 0, 0, 0] };
        await Assert.ThrowsAsync<InputException>(() => method.RunAsync(job with { Forget = [unread] }));
    }

    private static float[] PerToken(CausalLM model, TokenSequence row)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return TokenNll.PerToken(model, TokenBatch.Collate([row], 0)).reshape(-1).data<float>().ToArray();
    }

    private static double Mean(float[] nll, int[] tags, int tag) =>
        nll.Zip(tags).Skip(1).Where(pair => pair.Second == tag).Average(pair => pair.First);

    private static float Loss(float[] nll, int[] tags, int padding)
    {
        var (width, real) = (nll.Length + padding, nll.Length);
        var mask = arange(width).less(real).unsqueeze(0);
        var labels = mask.clone();
        labels.select(1, 0).fill_(false);
        var logits = zeros([1, width, 3]);
        var values = cat([tensor(nll), zeros(padding)]).unsqueeze(0);
        var batch = new ScoredBatch(
            new(zeros([1, width], ScalarType.Int64), mask, labels, [0])
            {
                Tags = cat([tensor(tags.Select(tag => (long)tag).ToArray()), ones([padding], ScalarType.Int64)])
                    .unsqueeze(0),
            },
            values
        )
        {
            Logits = logits,
            ReferenceLogits = logits,
        };
        return new CodeEraser(new()).Loss(new(batch)).item<float>();
    }
}
