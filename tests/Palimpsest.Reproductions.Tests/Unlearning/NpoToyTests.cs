namespace Palimpsest.Reproductions.Tests;

public sealed class NpoToyTests
{
    private static readonly SeedValues Seed = new(1, [.. NpoToy.Measure(1)]);

    [Fact]
    public void The_distance_is_taken_from_the_step_on_at_which_the_brake_has_halved_the_gradient()
    {
        var start = (int)Seed[NpoToy.Npo, "T, at which the mean weight is one half"];
        var weights = new List<double>();
        new RandomFeatureModel(1, learningRate: 0.05, steps: 5000).Unlearn(
            0.05,
            [start],
            logRatio =>
            {
                weights.Add(2 / (1 + Math.Exp(-logRatio)));
                return weights[^1];
            }
        );
        double[] means = [.. weights.Chunk(RandomFeatureModel.ForgetCount).Select(step => step.Average())];
        Assert.Equal(start, means.Length);
        Assert.InRange(means[^1], 0, 0.5);
        Assert.All(means.SkipLast(1), mean => Assert.True(mean > 0.5));
    }

    [Fact]
    public void A_small_beta_travels_as_gradient_ascent_does_and_a_large_one_does_not()
    {
        Assert.InRange(Seed["toy npo, β 0.001", "distance from ga's path, as a share"], 0, 0.5);
        Assert.True(Seed[NpoToy.Npo, NpoToy.Growth] < Seed[NpoToy.Ascent, NpoToy.Growth] / 2);
    }
}
