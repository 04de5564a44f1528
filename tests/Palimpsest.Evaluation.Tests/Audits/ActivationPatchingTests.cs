using Palimpsest.Inference;

namespace Palimpsest.Evaluation.Tests;

public sealed class ActivationPatchingTests : IDisposable
{
    private const string Text = "Where was Ada born? Ada was born in Tarn. Bea Cid Dov Eve Fay Pell town river?";

    private static readonly Tokenizer Words = BpeTrainer.Train([Text], new() { VocabularySize = 300 });

    private readonly LanguageModel _original = Tiny(seed: 4);

    public void Dispose() => _original.Dispose();

    [Fact]
    public void A_model_s_own_states_cost_nothing()
    {
        var losses = ActivationPatching.Losses(_original.Decoder, _original.Decoder, 0, Answers());
        Assert.Equal((3, 4), (losses.Length, losses[0].Length));
        Assert.All(losses.SelectMany(of => of), loss => Assert.Equal(0, loss, 1e-6));
    }

    [Fact]
    public void Blocks_before_a_change_cost_nothing_and_the_last_one_costs_what_the_changed_model_does_not_know()
    {
        using var changed = _original.Decoder.Clone();
        using (no_grad())
            changed
                .ParameterRefs.Single(p => p.Layer == 1 && p.Name.Contains("down_proj", StringComparison.Ordinal))
                .Storage.zero_();
        var losses = ActivationPatching.Losses(_original.Decoder, changed, 0, Answers());
        var scores = new[] { _original.Decoder, changed }
            .Select(model => TokenScorer.Score(model, 0, Answers(), new(), CancellationToken.None))
            .ToArray();
        for (var i = 0; i < Answers().Length; i++)
        {
            Assert.Equal(0, losses[0][i], 1e-5);
            Assert.True(Math.Abs(losses[1][i]) > 0.01);
            Assert.Equal(scores[1][i].MeanNll - scores[0][i].MeanNll, losses[2][i], 1e-4);
        }
    }

    [Fact]
    public void No_tensor_and_no_tap_is_left()
    {
        using var other = Tiny(seed: 5);
        var ids = new ForwardInput { TokenIds = tensor(new long[] { 1, 2, 3 }).unsqueeze(0) };
        double[] Logits()
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            return [.. _original.Decoder.Forward(ids).Logits!.flatten().data<float>().Select(value => (double)value)];
        }

        var logits = Logits();
        ActivationPatching.Losses(_original.Decoder, other.Decoder, 0, Answers());
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        ActivationPatching.Losses(_original.Decoder, other.Decoder, 0, Answers());
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(logits, Logits());
        ids.TokenIds!.Dispose();
    }

    [Fact]
    public void Models_of_another_shape_are_refused()
    {
        using var wide = new CausalLM(_original.Decoder.Config with { HiddenSize = 32, HeadSize = 16 }, 1);
        Assert.False(ActivationPatching.Fits(_original.Decoder.Config, wide.Config));
        Assert.False(
            ActivationPatching.Fits(_original.Decoder.Config, _original.Decoder.Config with { VocabularySize = 9 })
        );
        Assert.Throws<ArgumentException>(() => ActivationPatching.Losses(_original.Decoder, wide, 0, Answers()));
    }

    [Fact]
    public void A_fact_is_held_as_far_as_the_candidate_s_states_cost_less_than_the_retrained_model_s()
    {
        double[][] retrained =
        [
            [0.04, 0.04, 0.3],
            [0.2, 0.05, -1],
            [0.6, -0.5, 0.1],
        ];
        double[][] candidate =
        [
            [5, 5, 0.3],
            [0.1, 5, 7],
            [0.9, 5, -2],
        ]; // fact 0: (0.1 + 0.6) of 0.8; fact 1 has no block; fact 2: 0.3 of 0.4
        var held = ActivationPatchingTest.HeldByFact(candidate, retrained);
        Assert.Equal(2, held.Length);
        Assert.Equal(0.125, held[0], 1e-12);
        Assert.Equal(0.25, held[1], 1e-12);
        Assert.Empty(
            ActivationPatchingTest.HeldByFact(
                [
                    [1],
                ],
                [
                    [0.05],
                ]
            )
        );
    }

    [Fact]
    public async Task The_test_finds_all_of_the_original_in_itself_and_nothing_in_the_retrained_model()
    {
        using var retrained = Tiny(seed: 5);
        var (same, none) = (await RunAsync(_original, retrained), await RunAsync(retrained, retrained));
        Assert.Equal((1, 0), (same.Recovery!.Value, none.Recovery!.Value));
        Assert.InRange(same.Recovery.N, 1, 4);
        Assert.Equal("activation patching", same.Test);
        Assert.Equal(3, same.Sections[0].Parts.OfType<TablePart>().Single().Rows.Count);
    }

    [Fact]
    public async Task Where_no_block_tells_original_and_retrained_model_apart_the_test_says_nothing()
    {
        var finding = await RunAsync(_original, _original);
        Assert.Null(finding.Recovery);
        Assert.Equal("no block's states tell the original from the retrained model", finding.NotMade);
    }

    [Fact]
    public void Without_a_retrained_model_or_weights_or_equal_shapes_it_is_not_made()
    {
        using var wide = new LanguageModel(
            new CausalLM(_original.Decoder.Config with { HiddenSize = 32, HeadSize = 16 }, 1),
            Words,
            "wide"
        );
        var fake = FakeAudit.Model("fake", says: true, holds: 0.5);
        string? WhyNot(IScoredModel candidate, IScoredModel? retrained) =>
            new ActivationPatchingTest().WhyNot(Context(candidate, retrained));
        Assert.Null(WhyNot(_original, _original));
        Assert.StartsWith("it needs a retrained model", WhyNot(_original, null), StringComparison.Ordinal);
        Assert.Equal("the models differ in blocks, width or vocabulary", WhyNot(wide, _original));
        Assert.Equal("the candidate model gives no access to its weights", WhyNot(fake, _original));
    }

    [Fact]
    public void It_belongs_to_the_default_battery() =>
        Assert.Contains(AuditBattery.Default(FakeAudit.Facts), test => test is ActivationPatchingTest);

    private Task<AuditFinding> RunAsync(IScoredModel candidate, IScoredModel retrained) =>
        new ActivationPatchingTest().RunAsync(Context(candidate, retrained), CancellationToken.None);

    private AuditContext Context(IScoredModel candidate, IScoredModel? retrained)
    {
        var request = FakeAudit.Request(candidate, retrained, new ActivationPatchingTest());
        return new(request with { Models = request.Models with { Original = _original } }, [], new());
    }

    private TokenSequence[] Answers() =>
        [
            .. FakeAudit
                .Facts.Where(fact => fact.Scope == FactScope.Forget)
                .Select(fact => _original.EncodeAnswer(fact.Question, fact.Answer)),
        ];

    private static LanguageModel Tiny(ulong seed)
    {
        var config = DecoderConfig.TinyLlama(Words.VocabularySize, 16, 3, 2, 2, 32, 64) with { InitializerRange = 0.4 };
        var model = new LanguageModel(new CausalLM(config, seed), Words, $"tiny {seed}");
        model.Decoder.eval();
        return model;
    }
}
