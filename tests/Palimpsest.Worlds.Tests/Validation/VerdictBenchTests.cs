using Palimpsest.Evaluation;
using Palimpsest.TestKit;

namespace Palimpsest.Worlds.Tests;

public sealed class VerdictBenchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task As_many_models_saw_the_facts_as_never_did_and_a_lost_reading_is_made_again_bit_for_bit()
    {
        var bench = new VerdictBench(
            new(_folder.File("cache")),
            new()
            {
                Worlds = 1,
                People = 20,
                Epochs = 1,
            }
        );
        var stages = new StageFolder(_folder.File("stages"));
        var first = await bench.RunAsync(stages);
        Assert.Equal(Treatment.All.Count, first.Models.Count(model => model.SawFacts));
        Assert.Equal(Treatment.All.Count, first.Models.Count(model => !model.SawFacts));
        Assert.Equal(
            first.Models.Where(model => model.SawFacts).Select(model => model.Treatment),
            first.Models.Where(model => !model.SawFacts).Select(model => model.Treatment)
        );
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
        foreach (var lost in new[] { "1-saw-1.json", "1-never-3.json" })
            File.Delete(Path.Combine(_folder.File("stages"), lost));
        var second = await bench.RunAsync(stages);
        Assert.Equal(VerdictPage.Render(first), VerdictPage.Render(second));
        foreach (var (before, after) in first.Models.Zip(second.Models))
        {
            Assert.Equal(before.Readings, after.Readings);
            Assert.Equal(before.Under, after.Under);
        }
    }
}
