using Palimpsest.TestKit;

namespace Palimpsest.Unlearning.Tests;

public sealed class GenericLabelsTests
{
    // 7 is a term of three-token stand-in 20 21 22, 8 9 one of 23.
    private static readonly TokenAnchor[] Anchors = [new(0, [7], [20, 21, 22]), new(1, [8, 9], [23])];

    [Fact]
    public void A_block_without_anchors_aligns_one_to_one()
    {
        var block = AnchoredBlock.Translate([3, 4, 5, 8, 6], Anchors);
        Assert.Equal([3, 4, 5, 8, 6], block.Translated);
        Assert.Equal([0, 1, 2, 3, 4], block.Partner);
        Assert.Empty(block.Occurrences);
    }

    [Fact]
    public void A_longer_stand_in_shifts_what_follows_and_partners_are_equal_or_the_ends_of_terms()
    {
        int[] ids = [3, 7, 4, 8, 9, 5, 7];
        var block = AnchoredBlock.Translate(ids, Anchors);
        Assert.Equal([3, 20, 21, 22, 4, 23, 5, 20, 21, 22], block.Translated);
        Assert.Equal([0, 3, 4, -1, 5, 6, 9], block.Partner);
        Assert.Equal([new(0, 1, 1), new(1, 3, 2), new(0, 6, 1)], block.Occurrences);
        for (var t = 0; t < ids.Length; t++)
        {
            var within = block.Occurrences.Any(place => t >= place.Start && t < place.Start + place.Length);
            Assert.True(within || ids[t] == block.Translated[block.Partner[t]], $"position {t}");
        }
    }

    [Fact]
    public void Of_two_terms_that_fit_the_longer_is_replaced()
    {
        TokenAnchor[] anchors = [new(0, [7], [20]), new(1, [7, 8], [21])];
        Assert.Equal([21, 20, 9], AnchoredBlock.Translate([7, 8, 7, 9], anchors).Translated);
    }

    [Fact]
    public void A_term_is_a_label_once_and_parts_of_terms_predict_nothing()
    {
        // Position t predicts t + 1: 1 and 3 predict a term's second occurrence, 4 stands within one.
        var row = new TokenSequence([7, 3, 7, 4, 8, 9, 5, 7], 1);
        var block = LabelledBlock.Of(row, Anchors, longest: 64);
        Assert.Equal([0, 2, 3, 5], block.Positions);
        Assert.Equal([2, 6, 7, 8], block.Partners);
        Assert.Equal([0], block.CameBefore(0));
        Assert.Equal([0], block.CameBefore(4));
        Assert.Equal([0, 1], block.CameBefore(5));
    }

    [Fact]
    public void Positions_beyond_the_models_and_prompts_have_no_label()
    {
        var row = new TokenSequence([3, 7, 4, 5, 6, 10], 3);
        Assert.Equal([2, 3, 4], LabelledBlock.Of(row, Anchors, longest: 64).Positions);
        var cut = LabelledBlock.Of(row, Anchors, longest: 6);
        Assert.Equal([2, 3], cut.Positions);
        Assert.Equal(6, cut.Translated.Length);
    }

    [Fact]
    public void Without_strength_and_anchors_the_labels_are_what_the_baseline_says()
    {
        using var baseline = Model(1);
        using var reinforced = Model(2);
        TokenSequence[] rows = [new([1, 5, 9, 4], 1), new([2, 6, 3], 2)];
        var hard = Build(rows, (baseline, reinforced), [], new() { Strength = 0 });
        var soft = Build(rows, (baseline, reinforced), [], new() { Strength = 0, LabelTokens = 64 });
        Assert.Equal((1, 32), (hard.PerToken, soft.PerToken));
        using var scope = NewDisposeScope();
        for (var i = 0; i < rows.Length; i++)
        {
            var logits = Logits(baseline, rows[i].Ids);
            foreach (var (position, place) in hard.Rows[i].Positions.Select((position, place) => (position, place)))
            {
                Assert.Equal(logits[position].argmax().item<long>(), hard.Rows[i].Ids[place]);
                Assert.Equal(1, hard.Rows[i].Shares[place]);
                var expected = logits[position].softmax(-1);
                for (var k = 0; k < 32; k++)
                {
                    var id = soft.Rows[i].Ids[place * 32 + k];
                    Assert.Equal(expected[id].item<float>(), soft.Rows[i].Shares[place * 32 + k], 1e-6);
                }
            }
        }

        // The KL to what the model says already is 0, and the cross-entropy is the baseline's entropy.
        var batch = TokenBatch.Collate([rows[0] with { Row = 0 }, rows[1] with { Row = 1 }], 0);
        var scored = ScoredBatch.FromLogits(batch, UnlearningObjective.Logits(baseline, batch));
        Assert.Equal(0, new Whp(soft).Loss(new(scored)).item<float>(), 1e-6);
        Assert.True(new Whp(hard).Loss(new(scored)).item<float>() > 1);
    }

    [Fact]
    public void A_label_is_what_the_models_say_of_the_translation_less_what_the_reinforced_one_favours()
    {
        using var baseline = Model(1);
        using var reinforced = Model(2);
        var row = new TokenSequence([3, 7, 4, 5], 1);
        var options = new WhpOptions
        {
            Strength = 2,
            StandInPenalty = 0.75,
            LabelTokens = 32,
        };
        var label = Build([row], (baseline, reinforced), Anchors, options).Rows[0];
        Assert.Equal([0, 1, 2], label.Positions);
        using var scope = NewDisposeScope();
        var (translated, own, more) = (
            Logits(baseline, [3, 20, 21, 22, 4, 5]),
            Logits(baseline, row.Ids),
            Logits(reinforced, row.Ids)
        );
        foreach (var (place, position, partner, lowered) in new[] { (0, 0, 0, 0.0), (1, 1, 3, 0.75), (2, 2, 4, 0.75) })
        {
            var expected = translated[partner] - 2 * (more[position] - own[position]).relu();
            expected[20] -= lowered;
            expected = expected.softmax(-1);
            for (var k = 0; k < 32; k++)
                Assert.Equal(expected[label.Ids[place * 32 + k]].item<float>(), label.Shares[place * 32 + k], 1e-5);
        }
    }

    [Fact]
    public void A_row_that_teaches_nothing_but_terms_again_is_refused_and_no_tensor_is_left()
    {
        using var baseline = Model(1);
        using var reinforced = Model(2);
        TokenSequence[] rows = [new([3, 4, 5], 1), new([7, 3, 7], 2)];
        Refusal.Of(() => Build(rows, (baseline, reinforced), Anchors, new()), "Forget row 1", "generic label");
        Build([rows[0]], (baseline, reinforced), Anchors, new());
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 3; i++)
            Build([rows[0]], (baseline, reinforced), Anchors, new() { LabelTokens = 3 });
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static GenericLabels Build(
        TokenSequence[] rows,
        (CausalLM, CausalLM) models,
        TokenAnchor[] anchors,
        WhpOptions options
    ) => GenericLabels.Build(rows, models, anchors, options, (2, 0));

    private static CausalLM Model(ulong seed)
    {
        var model = new CausalLM(
            DecoderConfig.TinyLlama(32, 16, 2, 2, 1, 32, maxPositions: 16) with
            {
                InitializerRange = 0.5,
            },
            seed
        );
        model.eval();
        return model;
    }

    private static Tensor Logits(CausalLM model, int[] ids)
    {
        using var grad = no_grad();
        return model
            .Forward(new() { TokenIds = tensor(ids.Select(id => (long)id).ToArray(), [1, ids.Length]) })
            .Logits![0];
    }
}
