using Palimpsest.Evaluation;
using Palimpsest.TestKit;

namespace Palimpsest.Worlds.Tests;

public sealed class VerdictBenchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Five minutes of one core: a model that knows nothing cannot be audited.
    [Fact(Explicit = true)]
    public async Task Models_that_saw_the_facts_are_told_from_others_and_a_lost_reading_is_made_again_bit_for_bit()
    {
        Treatment[] treatments = [Treatment.All[0], Treatment.All.Single(treatment => treatment.Method == "idk")];
        var bench = new VerdictBench(
            new(_folder.File("cache")),
            new()
            {
                Worlds = 1,
                People = 20,
                Epochs = 12,
            },
            treatments
        );
        var stages = new StageFolder(_folder.File("stages"));
        var first = await bench.RunAsync(stages, null, TestContext.Current.CancellationToken);
        Assert.Equal([true, true, false, false], first.Models.Select(model => model.SawFacts));
        Assert.Equal(
            ["as trained", "refusals", "as trained", "refusals"],
            first.Models.Select(model => model.Treatment)
        );
        double Probability(int model) => first.Models[model].Readings["probabilities"];
        Assert.True(Probability(0) > 0.9, $"{Probability(0)}");
        Assert.True(Probability(2) < 0.5, $"{Probability(2)}");
        Assert.NotEqual(Probability(0), Probability(1));
        Assert.All(
            first.Models,
            model =>
                Assert.Equal(
                    [
                        VerdictValidation.AsItIs,
                        VerdictValidation.Rounded,
                        VerdictValidation.Relearned,
                        VerdictValidation.OtherProbes,
                    ],
                    model.Under.Keys
                )
        );

        File.Delete(Path.Combine(_folder.File("stages"), "1-saw-1.json"));
        var second = await bench.RunAsync(stages, null, TestContext.Current.CancellationToken);
        Assert.Equal(VerdictPage.Render(first), VerdictPage.Render(second));
        foreach (var (before, after) in first.Models.Zip(second.Models))
        {
            Assert.Equal(before.Readings, after.Readings);
            Assert.Equal(before.Under, after.Under);
        }
    }
}
