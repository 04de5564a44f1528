using System.Text;
using Palimpsest.TestKit;

namespace Palimpsest.Tokenizers.Tests;

public sealed class TokenBytesTests
{
    private const string Text = "The größte 😀 \"q\":{12} \n x";

    public static TheoryData<string> Kinds =>
        [.. GoldenFolder.Folders("tokenizers").Where(k => k.StartsWith("bpe", StringComparison.Ordinal))];

    [Theory, Trait("Category", "Golden")]
    [MemberData(nameof(Kinds))]
    public void The_bytes_of_tokens_put_together_are_their_text(string kind)
    {
        var tokenizer = Tokenizer.Load(GoldenFolder.TryGet("tokenizers", kind)!);
        var ids = tokenizer.Encode(Text, addSpecialTokens: false);
        // The bytes of one of these tokenizers are special tokens.
        var stream = tokenizer.NewExactStream(ids.ToHashSet());
        var streamed = string.Concat(ids.Select(stream.Add)) + stream.End();
        Assert.Equal(streamed, Encoding.UTF8.GetString([.. ids.SelectMany(id => tokenizer.BytesOf(id)!)]));
        Assert.Equal(tokenizer.Decode(ids, skipSpecialTokens: false).Trim(), streamed.Trim());
    }

    [Fact]
    public void Special_tokens_are_shown_only_where_that_is_asked_for()
    {
        var tokenizer = BpeTrainer.Train(["a b"], new() { VocabularySize = 261 });
        var (user, letter) = (tokenizer.IdOf("<|user|>")!.Value, tokenizer.IdOf("a")!.Value);
        string Shown(params int[] shown)
        {
            var stream = tokenizer.NewExactStream(shown.ToHashSet());
            return stream.Add(user) + stream.Add(letter) + stream.End();
        }

        Assert.Equal("a", Shown());
        Assert.Equal("<|user|>a", Shown(user));
        Assert.Null(tokenizer.BytesOf(999));
    }

    [Fact]
    public void Tokens_whose_text_depends_on_their_neighbours_have_no_bytes()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            Path.Combine(folder.Path, "tokenizer.json"),
            """
            {"model": {"type": "WordLevel", "unk_token": "a", "vocab": {"a": 0}},
             "decoder": {"type": "BPEDecoder", "suffix": "</w>"}}
            """
        );
        Assert.Null(Tokenizer.Load(folder.Path).BytesOf(0));
    }
}
