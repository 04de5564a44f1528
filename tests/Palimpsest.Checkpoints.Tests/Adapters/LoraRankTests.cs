using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class LoraRankTests
{
    // Keys and values have one head of 8, so that 8 is the smallest side.
    private static readonly DecoderConfig Config = DecoderConfig.TinyLlama(50, 16, 1, 2, 1, 24);

    [Fact]
    public void A_rank_above_the_smaller_side_of_a_projection_is_refused_before_anything_is_attached()
    {
        using var model = new CausalLM(Config, seed: 1);
        using (LoraAdapter.Attach(model, "fits", new() { Rank = 8 }, seed: 1))
            Assert.Single(model.Attachments);
        Refusal.Of(
            () => LoraAdapter.Attach(model, "above", new() { Rank = 9 }, seed: 1),
            "Rank 9",
            "k_proj, [8, 16]",
            "at most 8"
        );
        Assert.Empty(model.Attachments);
    }

    [Fact]
    public void The_rank_of_a_single_projection_counts_and_one_that_is_not_adapted_does_not()
    {
        using var model = new CausalLM(Config, seed: 1);
        LoraAdapter.RequireFit(model, new() { Rank = 16, TargetModules = ["q_proj"] });
        var patterns = new Dictionary<string, int> { ["o_proj"] = 17 };
        Refusal.Of(
            () =>
                LoraAdapter.RequireFit(
                    model,
                    new()
                    {
                        Rank = 2,
                        TargetModules = ["q_proj", "o_proj"],
                        RankPattern = patterns,
                    }
                ),
            "Rank 17",
            "o_proj"
        );
    }
}
