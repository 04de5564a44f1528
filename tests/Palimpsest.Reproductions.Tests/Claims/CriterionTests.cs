namespace Palimpsest.Reproductions.Tests;

public sealed class CriterionTests
{
    // Student's t for n = 3 and 95 % is 4.302653: the interval of 1, 2, 3 is 2 ± 4.302653 / √3 = −0.4841 to 4.4841.
    [Theory]
    [InlineData(new[] { 1.0, 2.0, 3.0 }, Outcome.Inconclusive)]
    [InlineData(new[] { -3.0, -2.0, -1.0 }, Outcome.Inconclusive)]
    [InlineData(new[] { 9.0, 10.0, 11.0 }, Outcome.Shown)]
    [InlineData(new[] { -9.0, -10.0, -11.0 }, Outcome.NotShown)]
    [InlineData(new[] { 0.0, 0.0, 0.0 }, Outcome.NotShown)]
    [InlineData(new[] { 1.0, 1.0, 1.0 }, Outcome.Shown)]
    [InlineData(new[] { 5.0 }, Outcome.Inconclusive)]
    [InlineData(new[] { 5.0, double.NaN, 5.0 }, Outcome.Inconclusive)]
    public void A_mean_above_zero_is_shown_when_its_interval_is(double[] margins, Outcome expected) =>
        Assert.Equal(expected, Judge(CriterionRule.MeanAbove, margins).Outcome);

    [Theory]
    [InlineData(new[] { 0.0, 0.0, 0.0 }, Outcome.Shown)]
    [InlineData(new[] { -1.0, -1.0, -1.0 }, Outcome.NotShown)]
    [InlineData(new[] { -1.0, 0.0, 1.0 }, Outcome.Inconclusive)]
    [InlineData(new[] { 0.0 }, Outcome.Inconclusive)]
    public void A_mean_of_at_least_zero_may_be_zero(double[] margins, Outcome expected) =>
        Assert.Equal(expected, Judge(CriterionRule.MeanAtLeast, margins).Outcome);

    [Theory]
    [InlineData(new[] { 0.0, 3.0, 5.0 }, Outcome.Shown)]
    [InlineData(new[] { 100.0, 100.0, -1e-9 }, Outcome.NotShown)]
    [InlineData(new[] { 1.0 }, Outcome.Shown)]
    [InlineData(new[] { 1.0, double.PositiveInfinity }, Outcome.Inconclusive)]
    public void What_has_to_hold_always_fails_with_one_seed(double[] margins, Outcome expected) =>
        Assert.Equal(expected, Judge(CriterionRule.EverySeed, margins).Outcome);

    [Fact]
    public void The_interval_and_the_number_of_seeds_are_told()
    {
        var result = Judge(CriterionRule.MeanAbove, [1, 2, 3]);
        Assert.Equal(2, result.MeanMargin, 1e-12);
        Assert.Equal(2 - 4.302652729911275 / Math.Sqrt(3), result.Interval!.Value.Low, 1e-9);
        Assert.Equal(2 + 4.302652729911275 / Math.Sqrt(3), result.Interval!.Value.High, 1e-9);
        Assert.Equal("mean margin 2, 95 % interval -0.4841 to 4.484, n = 3 seeds", result.Reason);
        Assert.Equal("seed 2 has no finite margin (NaN)", Judge(CriterionRule.EverySeed, [1, double.NaN, 0]).Reason);
        Assert.Equal("smallest margin -3 (seed 3), n = 3 seeds", Judge(CriterionRule.EverySeed, [1, 2, -3]).Reason);
    }

    [Theory]
    [InlineData(Outcome.Shown, Outcome.Shown, Outcome.Shown)]
    [InlineData(Outcome.NotShown, Outcome.Shown, Outcome.NotShown)]
    [InlineData(Outcome.NotShown, Outcome.Inconclusive, Outcome.NotShown)]
    [InlineData(Outcome.Inconclusive, Outcome.Shown, Outcome.Inconclusive)]
    public void A_claim_is_shown_when_all_of_it_is(Outcome expected, Outcome first, Outcome second)
    {
        CriterionResult With(Outcome outcome) => Judge(CriterionRule.EverySeed, [1]) with { Outcome = outcome };
        Assert.Equal(expected, ReproductionResult.Of([With(first), With(second)]));
        Assert.Equal(expected, ReproductionResult.Of([With(second), With(first)]));
    }

    [Fact]
    public void A_claim_without_a_criterion_is_inconclusive() =>
        Assert.Equal(Outcome.Inconclusive, ReproductionResult.Of([]));

    [Fact]
    public void A_value_that_was_not_measured_is_refused_with_those_that_were()
    {
        var error = Assert.Throws<KeyNotFoundException>(() =>
            new SeedValues(7, [new("npo", "loss", 1)])["npo", "lost"]
        );
        Assert.Equal("Seed 7 has no 'lost' of 'npo'; there are: loss of npo.", error.Message);
    }

    private static CriterionResult Judge(CriterionRule rule, double[] margins) =>
        new Criterion("margin", rule, values => values["arm", "margin"]).Judge([
            .. margins.Select((margin, i) => new SeedValues((ulong)i + 1, [new("arm", "margin", margin)])),
        ]);
}
