namespace Palimpsest.Foundation.Tests;

public sealed class PercentTextTests
{
    [Theory]
    [InlineData(0.125, "13 %")]
    [InlineData(0.025, "3 %")]
    [InlineData(0.124, "12 %")]
    [InlineData(-0.125, "-13 %")]
    [InlineData(-0.001, "0 %")]
    [InlineData(1, "100 %")]
    [InlineData(double.NaN, "–")]
    public void Halves_go_away_from_zero_and_zero_has_no_sign(double share, string text)
    {
        Assert.Equal(text, PercentText.Of(share));
        Assert.Equal(text.Replace(" %", "", StringComparison.Ordinal), PercentText.Whole(share));
    }
}
