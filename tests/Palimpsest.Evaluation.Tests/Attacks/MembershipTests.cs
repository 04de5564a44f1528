namespace Palimpsest.Evaluation.Tests;

public sealed class MembershipTests
{
    [Fact]
    public void A_low_score_is_a_members_and_the_threshold_takes_no_more_of_the_others_than_allowed()
    {
        // Ten members at 0..9 beside 100 others at 5, 15, 25, ...: below 5 are five members and no other.
        double[] values = [.. Enumerable.Range(0, 10), .. Enumerable.Range(0, 100).Select(i => 5.0 + 10 * i)];
        var found = MembershipTest.Of(values, 10);
        // At 1 % one other may be taken: all members are below the second of them, 15.
        Assert.Equal(new Rate(10, 10), found.AtOnePercent);
        Assert.Equal(new Rate(10, 10), found.AtFivePercent);
        var few = MembershipTest.Of([.. values.Take(20)], 10);
        Assert.Equal(new Rate(5, 10), few.AtOnePercent);
        Assert.Equal(new Rate(5, 10), few.AtFivePercent);
        var twenty = MembershipTest.Of([.. values.Take(30)], 10);
        Assert.Equal(new Rate(10, 10), twenty.AtFivePercent);
        Assert.Equal(new Rate(5, 10), twenty.AtOnePercent);
        // Of 10 x 100 pairs the other is below in 4 (6..9 above 5), equal in one.
        Assert.Equal(1 - 4.5 / 1000, found.Auc.Value, 1e-12);
        Assert.InRange(found.Auc.Interval.Low, 0.5, found.Auc.Value);
        Assert.Equal(110, found.Auc.N);
    }

    [Fact]
    public async Task The_score_that_finds_most_counts_between_the_retrained_model_and_the_original()
    {
        var result = await RunAsync(candidate: 0.6, retrained: 1.5);
        var scores = result.Found.Read<MembershipScores[]>();
        Assert.Equal(["loss", "zlib", "min-k", "min-k++", "against the retrained"], scores.Select(s => s.Score));
        var loss = scores[0].Models;
        Assert.Equal((1.0, 1.0), (loss["original"].Auc.Value, loss["candidate"].Auc.Value));
        Assert.Equal(0, loss["retrained"].Auc.Value);
        Assert.False(scores[^1].Models.ContainsKey("retrained"));
        Assert.Equal((1.0, 4), (result.Found.Recovery!.Value, result.Found.Recovery.N));
        Assert.True(result.FoundSomething);
        result = await RunAsync(candidate: 1.5, retrained: 1.5);
        Assert.Equal((0.0, false), (result.Found.Recovery!.Value, result.FoundSomething));
        result = await RunAsync(candidate: 1.5, retrained: null);
        Assert.Equal(0, result.Found.Recovery!.Value);
        Assert.Equal(4, result.Found.Read<MembershipScores[]>().Length);
    }

    /// <summary>Unseen rows have a loss of 1, forgotten ones 0.5 of the original and what is given of the
    /// others.</summary>
    private static async Task<AttackResult> RunAsync(double candidate, double? retrained)
    {
        QuestionAnswer Row(string name) => new() { Question = $"Where is {name}?", Answer = $"{name} is in Tarn." };
        FakeScoredModel Model(string name, double loss) =>
            new(
                name,
                _ => "I do not know.",
                (question, _) => question.Contains("new", StringComparison.Ordinal) ? 1 : loss
            );
        var original = new FakeScoredModel(
            "original",
            _ => "It is Tarn.",
            (question, _) => question.Contains("new", StringComparison.Ordinal) ? 1 : 0.5
        );
        var request = FakeAudit.Request(
            Model("candidate", candidate),
            retrained is { } loss ? Model("never", loss) : null,
            new MembershipTest(new())
        );
        request = request with
        {
            Models = request.Models with { Original = original },
            Rows = new()
            {
                Forget = [.. new[] { "Ada", "Bea", "Cid", "Dov" }.Select(Row)],
                Retain = [],
                Holdout = [.. new[] { "new Eve", "new Fay", "new Gus" }.Select(Row)],
            },
        };
        return Assert.Single(await AttackRunner.RunAsync(request));
    }
}
