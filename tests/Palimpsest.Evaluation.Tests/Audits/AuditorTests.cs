namespace Palimpsest.Evaluation.Tests;

public sealed class AuditorTests
{
    [Theory]
    [InlineData(0.9, 0.0, 0.0)]
    [InlineData(0.8, 0.6, 0.75)]
    [InlineData(0.0, 0.0, 1.0)]
    public void What_was_kept_is_the_share_of_the_benchmarks_utility(double before, double after, double kept) =>
        Assert.Equal(kept, Auditor.KeptUtility(WithUtility(before), WithUtility(after)), 1e-12);

    [Fact]
    public void Without_a_utility_nothing_counts_as_lost() =>
        Assert.Equal(1, Auditor.KeptUtility(new(new Dictionary<string, TofuMetric>()), WithUtility(0.5)));

    private static TofuResult WithUtility(double value) =>
        new(new Dictionary<string, TofuMetric> { ["model_utility"] = new(value, [], []) });
}
