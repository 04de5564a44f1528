namespace Palimpsest.Inference.Tests;

public sealed class StoppedTextTests
{
    private static readonly Tokenizer Bytes = BpeTrainer.Train(["ab"], new() { VocabularySize = 261, LeastCount = 9 });

    [Theory]
    [InlineData("one two three", "two", "one ")]
    [InlineData("one two three", "e", "on")]
    [InlineData("one two three", "four", "one two three")]
    [InlineData("one two three", "three!", "one two three")]
    [InlineData("aaab", "aab", "a")]
    [InlineData("grüße, 世界!", "界", "grüße, 世")]
    public void Pieces_add_up_to_the_text_before_the_stop(string text, string stop, string expected)
    {
        var shown = new StoppedText(Bytes, [stop]);
        var pieces = new List<string>();
        foreach (var id in Bytes.Encode(text, addSpecialTokens: false))
        {
            pieces.Add(shown.Add(id));
            if (shown.Stopped)
                break;
        }

        pieces.Add(shown.Rest());
        Assert.Equal(expected, string.Concat(pieces));
        Assert.DoesNotContain(pieces, piece => piece.Contains('\uFFFD'));
        Assert.Equal(expected != text, shown.Stopped);
    }

    [Fact]
    public void The_first_of_several_stops_counts() => Assert.Equal("a", StoppedText.Cut("a;b.c", [".", ";"]));
}
