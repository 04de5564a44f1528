namespace Palimpsest.Evaluation.Tests;

public sealed class FoldedTextTests
{
    [Theory]
    [InlineData("Saint-Élan", "saint elan")]
    [InlineData("E\u0301lan", "elan")]
    [InlineData("naïve CAFÉ", "naive cafe")]
    [InlineData("Tarnholm's harbour", "tarnholm harbour")]
    [InlineData("don't", "dont")]
    [InlineData("Łódź, Ærø", "lodz aero")]
    [InlineData("ﬁve ２０", "five 20")]
    [InlineData("…", "")]
    public void Case_accents_and_punctuation_are_folded_away(string text, string expected) =>
        Assert.Equal(expected, FoldedText.Of(text));
}
