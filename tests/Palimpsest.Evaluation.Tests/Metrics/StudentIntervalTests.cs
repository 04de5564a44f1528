namespace Palimpsest.Evaluation.Tests;

public sealed class StudentIntervalTests
{
    [Theory]
    [InlineData(1, 12.7062047364)]
    [InlineData(2, 4.3026527299)]
    [InlineData(3, 3.1824463053)]
    [InlineData(4, 2.7764451052)]
    [InlineData(9, 2.2621571628)]
    [InlineData(30, 2.0422724563)]
    public void The_two_sided_95_percent_quantile_equals_the_tables(int freedom, double expected) =>
        Assert.Equal(expected, StudentInterval.Quantile(0.975, freedom), 1e-9);

    [Fact]
    public void The_interval_of_equal_values_is_a_point() =>
        Assert.Equal(new Interval(4, 4), StudentInterval.OfMean([4, 4, 4]));

    [Fact]
    public void One_value_has_no_interval() =>
        Assert.Contains(
            "at least two",
            Assert.Throws<ArgumentException>(() => StudentInterval.OfMean([1])).Message,
            StringComparison.Ordinal
        );
}
