namespace Palimpsest.Evaluation.Tests;

public sealed class TruthRatioTests
{
    [Fact]
    public void The_ratio_is_wrong_over_right_of_geometric_means()
    {
        // e^−(1+3)/2 over e^−(0.5+1.5)/2
        Assert.Equal(Math.Exp(-2) / Math.Exp(-1), TruthRatio.Of([0.5, 1.5], [1, 3]), 1e-9);
        Assert.Equal(Math.Exp(-1) / (Math.Exp(-1) + Math.Exp(-2)), TruthRatio.TruthShare([1], [2]), 1e-9);
    }

    [Theory]
    [InlineData(4, 0.25)]
    [InlineData(0.25, 0.25)]
    [InlineData(1, 1)]
    public void For_forget_rows_a_ratio_counts_as_its_distance_from_one_in_either_direction(
        double ratio,
        double expected
    ) => Assert.Equal(expected, TruthRatio.CloserToOne([ratio]), 1e-9);

    [Theory]
    [InlineData(3, 0)]
    [InlineData(1, 0)]
    [InlineData(0.25, 0.75)]
    [InlineData(0, 1)]
    public void For_kept_rows_a_ratio_above_one_counts_as_nothing_and_not_as_less(double ratio, double expected)
    {
        Assert.Equal(expected, TruthRatio.TrueBetter([ratio]), 1e-12);
        Assert.Equal((expected + 0.5) / 2, TruthRatio.TrueBetter([ratio, 0.5]), 1e-12);
    }

    [Fact]
    public void Of_nothing_there_is_no_mean()
    {
        Assert.True(double.IsNaN(TruthRatio.CloserToOne([])));
        Assert.True(double.IsNaN(TruthRatio.TrueBetter([])));
    }
}
