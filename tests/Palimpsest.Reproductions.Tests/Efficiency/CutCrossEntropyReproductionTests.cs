using Palimpsest.TestKit;
using Palimpsest.Worlds;

namespace Palimpsest.Reproductions.Tests;

[Trait("Category", "Claim")]
public sealed class CutCrossEntropyReproductionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task On_a_small_world_everything_but_the_time_is_shown_by_one_seed()
    {
        using var cache = new TemporaryFolder();
        var program = new ChildProgram("dotnet", Path.Combine(AppContext.BaseDirectory, "palimpsest.dll"));
        var context = new ReproductionContext(new(cache.Path), program)
        {
            World = new()
            {
                People = 4,
                HoldoutPeople = 0,
                WorldFacts = 6,
                TwoHopsPerPerson = 1,
            },
            Models = new()
            {
                HiddenSize = 64,
                Layers = 2,
                Epochs = 20,
            },
        };
        var reproduction = new CutCrossEntropyReproduction(steps: 20);
        var values = new SeedValues(1, await reproduction.MeasureAsync(context, 1, default));
        foreach (var value in values.Values)
            output.WriteLine(FormattableString.Invariant($"{value.Arm}: {value.Quantity} {value.Value:g4}"));
        foreach (
            var criterion in reproduction.Criteria.Where(criterion =>
                !criterion.Name.StartsWith("time", StringComparison.Ordinal)
            )
        )
            Assert.True(
                criterion.Margin(values) >= 0,
                FormattableString.Invariant($"{criterion.Name}: margin {criterion.Margin(values):g4}")
            );
    }
}
