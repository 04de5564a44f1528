namespace Palimpsest.Evaluation.Tests;

public sealed class StemTests
{
    [Theory]
    [InlineData("was", "wa")]
    [InlineData("has", "ha")]
    [InlineData("is", "is")]
    [InlineData("as", "as")]
    [InlineData("dies", "die")]
    [InlineData("flies", "fli")]
    [InlineData("sky", "sky")]
    public void Words_of_three_letters_are_stemmed_and_shorter_ones_are_not(string word, string stem) =>
        Assert.Equal(stem, PorterStemmer.Stem(word)); // NLTK's own

    [Fact]
    public void Rouge_stems_words_of_more_than_three_letters_alone() =>
        Assert.Equal(["was", "cat", "the", "run"], Rouge.Tokens("Was cats the running", stem: true));
}
