using Palimpsest.Inference;

namespace Palimpsest.Unlearning.Tests;

/// <summary>What the method does to a saga, and to stories that have nothing to do with it.</summary>
public sealed class WhpSagaTests(SagaFixture saga, ITestOutputHelper output) : IClassFixture<SagaFixture>
{
    private const int Steps = 40;
    private static readonly WhpOptions Options = new() { Strength = 1, LabelTokens = 100 };

    [Fact]
    public async Task Names_go_and_other_stories_stay_where_gradient_ascent_to_the_same_point_loses_them()
    {
        var (cue, nll) = (saga.CueProbability(saga.Model), saga.StoryNll(saga.Model));
        Assert.True(cue > 0.4, $"{cue}: the saga is not known");
        var full = await ForgetAsync(Options, anchored: true);
        var anchors = await ForgetAsync(Options with { Strength = 0 }, anchored: true);
        var reinforced = await ForgetAsync(Options, anchored: false);
        var rise = full.Nll - nll;
        Assert.True(full.Cue < 0.25 * cue, $"names' probability {cue:f3} to {full.Cue:f3}");
        Assert.True(rise < 0.05 * nll, $"NLL of stories {nll:f4} to {full.Nll:f4}");
        Assert.True(full.Cue <= Math.Min(anchors.Cue, reinforced.Cue) + 0.02, $"{full}, {anchors}, {reinforced}");

        for (var steps = 1; ; steps++)
        {
            Assert.True(steps < 30, "gradient ascent does not get there");
            using var ascended = (await Catalog.Find("ga").CreateDefault().RunAsync(saga.Job(steps))).Model;
            if (saga.CueProbability(ascended) > full.Cue)
                continue;
            var lost = saga.StoryNll(ascended) - nll;
            output.WriteLine($"start {cue:f3} {nll:f4}, whp {full}, anchors {anchors}, reinforced {reinforced}");
            output.WriteLine($"gradient ascent {steps}: {lost:f4} more");
            Assert.True(lost > 3 * Math.Max(rise, 0.01), $"{lost:f4} of gradient ascent, {rise:f4} of whp");
            return;
        }
    }

    [Fact]
    public async Task At_decoding_the_saga_goes_and_the_original_is_as_it_was()
    {
        var hash = WeightHash.Of(saga.Model);
        var result = await new WhpMethod(new() { AtDecoding = true, Strength = 2 }).RunAsync(saga.Job(20));
        using var pair = Assert.IsType<Composed>(result);
        Assert.Equal(hash, WeightHash.Of(saga.Model));
        Assert.True(pair.KnowledgeInStoredWeights);
        Assert.All(pair.Assistant.parameters(), parameter => Assert.False(parameter.requires_grad));
        var original = saga.Language();
        using var answering = pair.Open(original, "pair");
        static async Task<double> Nll(IScoredModel model, IReadOnlyList<TokenSequence> rows) =>
            (await model.ScoreAsync(rows, new())).Average(score => -score.LogProbabilities.Sum());

        var (known, forgotten) = (await Nll(original, saga.Saga), await Nll(answering, saga.Saga));
        var (before, kept) = (await Nll(original, saga.Unseen), await Nll(answering, saga.Unseen));
        output.WriteLine($"saga {known:f3} to {forgotten:f3}, stories {before:f3} to {kept:f3}");
        Assert.True(forgotten - known > 2, $"saga {known:f3} to {forgotten:f3}");
        Assert.True(forgotten - known > 3 * (kept - before), $"stories {before:f3} to {kept:f3}");
    }

    private async Task<(double Cue, double Nll)> ForgetAsync(WhpOptions options, bool anchored)
    {
        var job = saga.Job(Steps) with { Anchors = anchored ? saga.Anchors : [] };
        using var model = (await new WhpMethod(options).RunAsync(job)).Model;
        return (saga.CueProbability(model), saga.StoryNll(model));
    }
}
