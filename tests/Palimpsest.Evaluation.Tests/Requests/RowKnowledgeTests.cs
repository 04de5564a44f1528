namespace Palimpsest.Evaluation.Tests;

public sealed class RowKnowledgeTests
{
    [Fact]
    public async Task Sets_are_measured_apart_by_their_answers_probability_per_token()
    {
        var model = new FakeScoredModel("fake", _ => "", (question, _) => question == "sure?" ? 0 : Math.Log(4));
        TokenSequence Row(string question) => model.EncodeAnswer(question, "yes");
        var known = await RowKnowledge.MeasureAsync(
            model,
            [
                [Row("sure?"), Row("unsure?")],
                [Row("unsure?")],
            ],
            TestContext.Current.CancellationToken
        );
        Assert.Equal([(1 + 0.25) / 2, 0.25], known.Select(one => Math.Round(one.Probability.Value, 6)));
        Assert.Equal([2, 1], known.Select(one => one.Probability.N));
        // The fake's greedy tokens are those of the row.
        Assert.Equal([new Rate(2, 2), new Rate(1, 1)], known.Select(one => one.Right));
        Assert.Equal(1, model.Calls);
    }

    [Fact]
    public async Task An_answer_with_one_wrong_token_is_not_right()
    {
        var model = new FakeScoredModel("fake", _ => "", (_, _) => 1);
        var row = model.EncodeAnswer("sure?", "yes");
        var other = row with { Ids = [row.Ids[0], row.Ids[1], 7] };
        var known = await RowKnowledge.MeasureAsync(
            model,
            [
                [row, other],
            ],
            TestContext.Current.CancellationToken
        );
        Assert.Equal(new Rate(1, 2), Assert.Single(known).Right);
    }
}
