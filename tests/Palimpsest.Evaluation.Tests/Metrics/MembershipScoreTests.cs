namespace Palimpsest.Evaluation.Tests;

public sealed class MembershipScoreTests
{
    private static readonly float[] Falling = [-1, -2, -3, -4, -5];

    [Theory]
    [InlineData(0.4, 4.5)] // the lowest 2 of 5
    [InlineData(0.39, 5)] // 1.95 is cut to 1
    [InlineData(0.01, 5)] // at least one
    [InlineData(0.6, 4)]
    [InlineData(1, 3)]
    public void Min_k_is_the_mean_of_the_lowest_whole_number_of_tokens(double share, double expected) =>
        Assert.Equal(expected, MembershipScore.MinK(Falling, share), 1e-9);

    [Theory]
    [InlineData(0, 1)] // variance at least 1e-6: z = −0.001 / 0.001
    [InlineData(0.0001f, 1)]
    [InlineData(0.001f, 1)]
    [InlineData(0.002f, 0.5)]
    [InlineData(0.5f, 0.002)]
    public void Min_k_plus_plus_divides_by_a_least_variance(float deviation, double expected) =>
        Assert.Equal(expected, MembershipScore.MinKPlusPlus([-1.001f], [-1], [deviation], 1), 1e-4);

    [Fact]
    public void Min_k_plus_plus_takes_the_lowest_after_normalising()
    {
        // z = −1, −4, 0: the lowest one is the second, though the third log-probability is the lowest.
        Assert.Equal(4, MembershipScore.MinKPlusPlus([-2, -3, -9], [-1, -1, -9], [1, 0.5f, 1], 0.4), 1e-6);
    }

    [Fact]
    public void A_text_without_tokens_has_no_score() => Assert.Equal(0, MembershipScore.MinK([], 0.4));

    [Fact]
    public void The_other_scores_are_losses_per_byte_and_above_a_reference()
    {
        Assert.Equal(2.0 / 9, MembershipScore.Zlib(2, "a"), 1e-12); // zlib needs 9 bytes for one
        Assert.Equal(-0.5, MembershipScore.Reference(1.5, 2), 1e-12);
    }

    [Theory]
    [InlineData(0.8, 0.5, -60)]
    [InlineData(0.5, 0.5, 0)]
    [InlineData(0.2, 0.5, 60)]
    [InlineData(0.8, 0.6, -50)]
    [InlineData(0.5, 0.6, 25)]
    [InlineData(0.6, 0.6, 0)]
    public void Privacy_leakage_is_relative_to_the_retrained_models_auc(
        double auc,
        double retrained,
        double expected
    ) => Assert.Equal(expected, PrivacyLeakage.PrivLeak(auc, retrained), 1e-6);

    [Fact]
    public void The_relative_difference_is_that_of_the_aucs() =>
        Assert.Equal(100 / 3.0, PrivacyLeakage.RelativeDifference(0.8, 0.6), 1e-6);

    [Fact]
    public void The_figures_curve_has_the_area_of_the_auc_with_ties()
    {
        // Scores are high for non-members; members are the forget rows.
        double[] forget = [1, 2, 2, 3, 3, 3, 5];
        double[] holdout = [2, 3, 3, 4, 5, 5];
        TofuItem[] Items(double[] scores) => [.. scores.Select(score => new TofuItem { Score = score })];
        var curve = TofuNumbers.Roc(new(null, Items(forget), Items(holdout)));
        Assert.Equal([0, 0], curve[0]);
        Assert.Equal([1, 1], curve[^1]);
        var area = curve.Zip(curve.Skip(1), (a, b) => (b[0] - a[0]) * (a[1] + b[1]) / 2).Sum();
        Assert.Equal(RocAuc.Of(forget, holdout), area, 1e-12);

        // By hand: of 42 pairs the holdout row is higher in 25 and equal in 10.
        Assert.Equal((25 + 10 / 2.0) / 42, area, 1e-12);
    }
}
