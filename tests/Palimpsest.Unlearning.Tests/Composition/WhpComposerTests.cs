using Palimpsest.Inference;
using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class WhpComposerTests : LogitComposerContract
{
    protected override ILogitComposer Create() => new WhpComposer(new());

    protected override ILogitComposer CreateIdle() => new WhpComposer(new() { Strength = 0 });

    [Fact]
    public void Hand_values()
    {
        using var scope = NewDisposeScope();
        Tensor[] logits = [tensor(new float[] { 1, 2, 3 }), tensor(new float[] { 1, 4, 2 })];
        var composed = new WhpComposer(new() { Strength = 5 }).Compose(logits, LogitUse.Decoding);
        Assert.Equal([1, -8, 3], composed.data<float>().ToArray());
    }

    [Fact]
    public void A_constant_counts_between_raw_logits_and_not_between_log_probabilities()
    {
        using var scope = NewDisposeScope();
        var baseline = tensor(new float[] { 1, 2, 3 });
        Tensor[] logits = [baseline, baseline + 2];
        Assert.Equal([-9, -8, -7], new WhpComposer(new()).Compose(logits, LogitUse.Decoding).data<float>().ToArray());
        Assert.Equal(
            [1, 2, 3],
            new WhpComposer(new() { ComparesLogProbabilities = true })
                .Compose(logits, LogitUse.Decoding)
                .data<float>()
                .ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-5
        );
    }

    [Fact]
    public void No_logit_ever_rises()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2, CPU);
        Tensor[] logits = [.. Enumerable.Range(0, 2).Select(_ => randn([50, 30], generator: generator))];
        var composed = new WhpComposer(new() { Strength = 0.7 }).Compose(logits, LogitUse.Scoring);
        Assert.True((composed <= logits[0]).all().item<bool>());
        Assert.True((composed < logits[0]).any().item<bool>());
    }

    [Fact, Trait("Category", "Golden")]
    public void Logits_are_those_of_MUSE_s_code()
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(GoldenFolder.Shipped("systems", "muse", "reference.safetensors"));
        using var baseline = ModelFolder.Load(GoldenFolder.Shipped("models", "llama"));
        using var reinforced = baseline.CloneFrozen();
        using (no_grad())
        {
            // The golden's other model: every o_proj and down_proj times 1.6.
            foreach (var reference in reinforced.ParameterRefs)
            {
                if (
                    reference.Name.Contains("o_proj", StringComparison.Ordinal)
                    || reference.Name.Contains("down_proj", StringComparison.Ordinal)
                )
                    reference.Value().mul_(1.6);
            }
        }

        var ids = golden.Read("loss.forget_ids");
        Tensor[] logits =
        [
            .. new[] { baseline, reinforced }.Select(model =>
                model.Forward(new() { TokenIds = ids }).Logits!.narrow(1, ids.shape[1] - 3, 3)
            ),
        ];
        var composed = new WhpComposer(new() { Strength = 2.5 }).Compose(logits, LogitUse.Scoring);
        var expected = golden.Read("whp.logits_last3");
        Assert.True(
            allclose(composed, expected, rtol: 1e-4, atol: 1e-4),
            $"differs by {(composed - expected).abs().max().item<float>()}"
        );
    }

    [Fact]
    public async Task A_text_that_the_reinforced_model_favours_gets_less_probability_and_is_not_generated()
    {
        var words = BpeTrainer.Train(["the cat sat on the mat"], new() { VocabularySize = 280, LeastCount = 1 });
        LanguageModel New(ulong seed) =>
            new(
                new(
                    DecoderConfig.TinyLlama(words.VocabularySize, 32, 2, 4, 2, 64) with
                    {
                        InitializerRange = 0.3,
                    },
                    seed
                ),
                words,
                "tiny"
            );
        var (baseline, reinforced) = (New(1), New(2));
        var favoured = (
            await reinforced.ReplyAsync(
                [
                    [Turn.User("the cat")],
                ],
                new() { MaxNewTokens = 6 }
            )
        )[0];
        var sequence = baseline.EncodeAnswer("the cat", favoured);
        var before = (await baseline.ScoreAsync([sequence], new()))[0].MeanNll;
        using var pair = new ComposedModel("whp", new WhpComposer(new()), baseline, reinforced);
        Assert.True((await pair.ScoreAsync([sequence], new()))[0].MeanNll > before + 1);
        Assert.DoesNotContain(
            favoured,
            (
                await pair.ReplyAsync(
                    [
                        [Turn.User("the cat")],
                    ],
                    new() { MaxNewTokens = 6 }
                )
            )[0],
            StringComparison.Ordinal
        );
    }
}
