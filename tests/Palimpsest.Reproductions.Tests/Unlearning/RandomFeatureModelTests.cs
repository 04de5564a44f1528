namespace Palimpsest.Reproductions.Tests;

public sealed class RandomFeatureModelTests
{
    private static readonly RandomFeatureModel Toy = new(seed: 5, learningRate: 0.05, steps: 2000);

    [Fact]
    public void Without_a_weight_nothing_moves() =>
        Assert.All(Toy.Unlearn(0.05, [1, 20], _ => 0), point => Assert.Equal(0, point.Distance));

    [Fact]
    public void The_first_step_of_npo_is_that_of_gradient_ascent() =>
        Assert.Equal(Toy.Unlearn(0.05, [1], _ => 1), Toy.Unlearn(0.05, [1], r => 2 / (1 + Math.Exp(-r))));

    [Fact]
    public void The_same_seed_gives_the_same_path_and_another_seed_another()
    {
        var path = Toy.Unlearn(0.05, [50], _ => 1);
        Assert.Equal(path, new RandomFeatureModel(5, 0.05, 2000).Unlearn(0.05, [50], _ => 1));
        Assert.NotEqual(path, new RandomFeatureModel(6, 0.05, 2000).Unlearn(0.05, [50], _ => 1));
    }

    [Fact]
    public void Npo_travels_less_far_than_gradient_ascent_and_loses_less_of_what_is_kept()
    {
        var (ascent, npo) = (
            Toy.Unlearn(0.05, [100, 800], _ => 1),
            Toy.Unlearn(0.05, [100, 800], r => 2 / (1 + Math.Exp(-r)))
        );
        Assert.True(
            npo[1].Distance / npo[0].Distance < ascent[1].Distance / ascent[0].Distance,
            $"{npo[1]} from {npo[0]}; ascent {ascent[1]} from {ascent[0]}"
        );
        Assert.True(
            npo[1].RetainNll < ascent[0].RetainNll,
            $"npo after 800 steps {npo[1]}, ascent after 100 {ascent[0]}"
        );
    }
}
