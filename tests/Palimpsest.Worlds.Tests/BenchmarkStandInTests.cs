using Palimpsest.Evaluation;

namespace Palimpsest.Worlds.Tests;

/// <summary>Every benchmark of the catalogue makes rows of a world.</summary>
public sealed class BenchmarkStandInTests
{
    private static readonly BenchmarkWorld Small = Of(1);

    public static TheoryData<string> Ids => [.. Evaluation.Benchmarks.All.Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_stand_in_is_the_same_for_a_seed_and_another_for_another(string id)
    {
        var benchmark = Evaluation.Benchmarks.All.Single(entry => entry.Id == id).CreateDefault();
        var task = benchmark.StandIn(Small);
        Assert.True(task.Cost.Units > 0);
        Assert.Equal(task.Settings, benchmark.StandIn(Of(1)).Settings);
        Assert.NotEqual(task.Settings, benchmark.StandIn(Of(2)).Settings);
        Assert.DoesNotContain('\n', benchmark.Layout);
    }

    private static BenchmarkWorld Of(ulong seed) =>
        BenchmarkWorlds.Of(
            World.Generate(
                new()
                {
                    People = 6,
                    HoldoutPeople = 3,
                    WorldFacts = 4,
                    Seed = seed,
                }
            )
        );
}
