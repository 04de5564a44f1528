using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class AnswerTextTests
{
    private static readonly Tokenizer Bytes = BpeTrainer.Train(["ab"], new() { VocabularySize = 261, LeastCount = 9 });

    [Theory]
    [InlineData("one two three", "two", "one ")]
    [InlineData("one two three", "e", "on")]
    [InlineData("one two three", "four", "one two three")]
    [InlineData("one two three", "three!", "one two three")]
    [InlineData("one two three", "e three", "one two three")]
    [InlineData("aaab", "aab", "a")]
    [InlineData("ababac", "abac", "ab")]
    [InlineData("grüße, 世界!", "界", "grüße, 世")]
    public void Pieces_add_up_to_the_text_before_the_stop(string text, string stop, string expected)
    {
        var (pieces, stopped) = Run(Bytes, Bytes.Encode(text, addSpecialTokens: false), stop);
        Assert.Equal(expected, string.Concat(pieces));
        Assert.DoesNotContain(pieces, piece => piece.Contains('\uFFFD'));
        Assert.Equal(expected != text, stopped);
    }

    [Fact]
    public void The_first_of_several_stops_counts() =>
        Assert.Equal("a", string.Concat(Run(Bytes, Bytes.Encode("a;b.c"), ".", ";").Pieces));

    [Fact]
    public void An_empty_stop_text_ends_nothing() =>
        Assert.Equal("abc", string.Concat(Run(Bytes, Bytes.Encode("abc"), "").Pieces));

    // "hi", " you", "<|turn|>", " more", "x": what the model of the case says one after another.
    private static readonly int[] Turns = [5, 6, 7, 8, 9];

    [Theory]
    [InlineData("<|turn|>", "hi you")]
    [InlineData("<|turn|> more", "hi you")]
    [InlineData("you<|turn|>", "hi ")]
    [InlineData("ou<|turn|> mo", "hi y")]
    [InlineData("<|turn|> morex", "hi you")]
    [InlineData("you <|turn|>", "hi you morex")]
    [InlineData("<|turn|> most", "hi you morex")]
    [InlineData("you more", "hi ")]
    public void A_stop_text_can_hold_a_special_token(string stop, string expected)
    {
        var tokenizer = Tokenizer.Load(GoldenFolder.Shipped("cases", "stop-texts", "model"));
        var (pieces, stopped) = Run(tokenizer, Turns, "never", stop);
        Assert.Equal(expected, string.Concat(pieces));
        Assert.Equal(expected != "hi you morex", stopped);
    }

    [Fact]
    public void Of_a_plain_stop_text_and_one_with_a_special_token_the_first_counts()
    {
        var tokenizer = Tokenizer.Load(GoldenFolder.Shipped("cases", "stop-texts", "model"));
        Assert.Equal("hi ", string.Concat(Run(tokenizer, Turns, "<|turn|>", "you").Pieces));
        Assert.Equal("hi you", string.Concat(Run(tokenizer, Turns, "<|turn|>", "more").Pieces));
    }

    [Fact]
    public void What_no_piece_has_shown_yet_is_held_back_only_as_long_as_it_can_become_a_stop_text()
    {
        var text = new AnswerText(Bytes, ["abc"]);
        var pieces = Bytes.Encode("xabxab", addSpecialTokens: false).Select(id => text.Add(id)).ToArray();
        Assert.Equal(["x", "", "", "abx", "", ""], pieces);
        Assert.Equal("ab", text.End());
        Assert.Equal("xabxab", text.Shown);
    }

    [Fact]
    public void Stop_texts_are_found_where_all_text_is_certain_only_in_the_end()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("tokenizer.json"),
            """
            {"added_tokens":[{"id":0,"content":"<s>","special":true}],
            "decoder":{"type":"Sequence","decoders":[{"type":"Fuse"},
            {"type":"Replace","pattern":{"Regex":"b+"},"content":"B"}]},
            "model":{"type":"WordLevel","vocab":{"<s>":0,"a":1,"b":2,"c":3},"unk_token":"<s>"}}
            """
        );
        var tokenizer = Tokenizer.Load(folder.Path);
        Assert.False(tokenizer.NewStream().IsIncremental);
        Assert.Equal("aB", string.Concat(Run(tokenizer, [1, 2, 2, 3, 1], "c").Pieces));
        Assert.Equal("a", string.Concat(Run(tokenizer, [1, 0, 3], "<s>c").Pieces));
        Assert.Equal("aBc", string.Concat(Run(tokenizer, [1, 2, 2, 3], "d").Pieces));
    }

    private static (List<string> Pieces, bool Stopped) Run(Tokenizer tokenizer, int[] ids, params string[] stops)
    {
        var text = new AnswerText(tokenizer, stops);
        var pieces = new List<string>();
        foreach (var id in ids)
        {
            pieces.Add(text.Add(id));
            if (text.Stopped)
                break;
        }

        pieces.Add(text.End());
        Assert.Equal(text.Shown, string.Concat(pieces));
        return (pieces, text.Stopped);
    }
}
