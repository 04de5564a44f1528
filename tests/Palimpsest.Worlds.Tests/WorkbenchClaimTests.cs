using System.Diagnostics;
using System.Globalization;
using Palimpsest.Inference;
using Palimpsest.TestKit;
using Palimpsest.Worlds;

namespace Palimpsest.Worlds.Tests;

[Trait("Category", "Claim")]
public sealed class WorkbenchClaimTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_original_knows_its_facts_and_the_retrained_model_knows_all_but_the_forgotten()
    {
        using var cache = new TemporaryFolder();
        var world = World.Generate(new());
        var original = await Known(cache, world, ModelRole.Original);
        var retrained = await Known(cache, world, ModelRole.Retrained);

        Assert.True(
            original.Forget >= 0.95 && original.Retain >= 0.95,
            $"original: forget {original.Forget:p1}, retain {original.Retain:p1}"
        );
        Assert.True(retrained.Retain >= 0.95, $"retrained: retain {retrained.Retain:p1}");
        Assert.True(
            retrained.Forget <= 0.35,
            $"retrained: forget {retrained.Forget:p1}, of which chance is about one in ten"
        );
    }

    private async Task<(double Forget, double Retain, double HeldOut)> Known(
        TemporaryFolder cache,
        World world,
        ModelRole role
    )
    {
        var clock = Stopwatch.StartNew();
        var folder = await new Workbench(cache.Path).GetAsync(world, role, new());
        var seconds = clock.Elapsed.TotalSeconds;
        using var model = LanguageModel.Load(folder);
        var forget = await Share(model, world.FactsOf(FactScope.Forget), fact => fact.Question);
        var retain = await Share(
            model,
            [.. world.FactsOf(FactScope.Retain), .. world.FactsOf(FactScope.Irrelevant)],
            fact => fact.Question
        );
        var heldOut = await Share(model, world.Facts, world.HeldOutQuestion);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{role}: {seconds:f1} s, "
                    + $"{model.Decoder.ParameterRefs.Sum(p => p.CheckpointShape.Aggregate(1L, (a, b) => a * b))} "
                    + $"weights; forget {forget:p1}, retain and world {retain:p1}, held-out questions {heldOut:p1}"
            )
        );
        return (forget, retain, heldOut);
    }

    private static async Task<double> Share(LanguageModel model, IReadOnlyList<Fact> facts, Func<Fact, string> question)
    {
        var replies = await model.ReplyAsync(
            [.. facts.Select(fact => (IReadOnlyList<Turn>)[Turn.User(question(fact))])],
            new() { MaxNewTokens = 32 }
        );
        return facts.Zip(replies).Count(pair => pair.Second.Contains(pair.First.Object, StringComparison.Ordinal))
            / (double)facts.Count;
    }
}
