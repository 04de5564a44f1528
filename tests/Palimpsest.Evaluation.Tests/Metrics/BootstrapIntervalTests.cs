namespace Palimpsest.Evaluation.Tests;

public sealed class BootstrapIntervalTests
{
    [Fact]
    public void Every_item_can_be_drawn_and_no_other()
    {
        var drawn = new HashSet<int>();
        BootstrapInterval.Of(
            5,
            seed: 1,
            rows =>
            {
                Assert.Equal(5, rows.Length);
                drawn.UnionWith(rows);
                return 0;
            },
            rounds: 200
        );
        Assert.Equal([0, 1, 2, 3, 4], drawn.Order());
    }

    [Theory]
    [InlineData(0.95, 0.21, 0.39)] // 2.5 % and 97.5 % points of a binomial of 100 and 0.3
    [InlineData(0.5, 0.27, 0.33)] // its quartiles
    public void The_interval_of_a_mean_of_zeros_and_ones_is_the_binomials(double level, double low, double high)
    {
        double[] values = [.. Enumerable.Range(0, 100).Select(i => i < 30 ? 1.0 : 0.0)];
        var interval = BootstrapInterval.OfMean(values, seed: 7, level, rounds: 20_000);
        Assert.Equal(low, interval.Low, 0.0101);
        Assert.Equal(high, interval.High, 0.0101);
    }

    [Fact]
    public void The_interval_of_a_mean_is_the_normal_one_where_values_are_many()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => Math.Sin(i))];
        var (mean, interval) = (values.Average(), BootstrapInterval.OfMean(values, seed: 3));
        var half = 1.96 * Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) / 400);
        Assert.Equal(mean - half, interval.Low, 0.1 * half);
        Assert.Equal(mean + half, interval.High, 0.1 * half);
    }

    [Fact]
    public void One_value_is_its_own_interval_and_a_seed_gives_one_result()
    {
        Assert.Equal(new Interval(3, 3), BootstrapInterval.OfMean([3], seed: 1));
        double[] values = [1, 2, 3, 4, 5, 9];
        Assert.Equal(BootstrapInterval.OfMean(values, 1), BootstrapInterval.OfMean(values, 1));
        Assert.NotEqual(BootstrapInterval.OfMean(values, 1), BootstrapInterval.OfMean(values, 2));
    }
}
