using Palimpsest.TestKit;

namespace Palimpsest.Reproductions.Tests;

[Trait("Category", "Claim")]
public sealed class NpoReproductionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Long_answers_brake_npo_and_clipping_the_gradient_takes_the_brake_off()
    {
        using var cache = new TemporaryFolder();
        var length = new NpoLength("long", 0);
        var world = new Worlds.WorldOptions
        {
            People = 4,
            HoldoutPeople = 0,
            WorldFacts = 4,
            TwoHopsPerPerson = 0,
            AnswerDetails = [12],
        };
        var models = new Worlds.WorkbenchOptions
        {
            HiddenSize = 64,
            Layers = 2,
            Epochs = 20,
        };
        var context = new ReproductionContext(new(cache.Path));
        using var lab = await context.LabAsync(world, models, 1, default);
        var values = new SeedValues(1, await length.MeasureAsync(lab, null, default));
        foreach (var value in values.Values)
            output.WriteLine(FormattableString.Invariant($"{value.Arm}: {value.Quantity} {value.Value:g4}"));
        Assert.InRange(values["original, long", "tokens of a forget answer"], 30, 60);
        Assert.True(
            values["npo, long", NpoLength.RetainLate] < values["ga, long", NpoLength.RetainLate],
            "after as many steps npo has lost more than the ascent"
        );
        const string late = "forget NLL after 4x ga's steps";
        Assert.True(values["npo, long", late] < values["npo, gradient clipped to 1, long", late]);
    }
}
