using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

public sealed class TokenizerTests
{
    public static TheoryData<string> Kinds => [.. GoldenFolder.Folders("tokenizers")];

    [Theory, Trait("Category", "Golden")]
    [MemberData(nameof(Kinds))]
    public void Ids_tokens_offsets_and_text_equal_the_reference(string kind)
    {
        var folder = GoldenFolder.TryGet("tokenizers", kind)!;
        var tokenizer = Tokenizer.Load(folder);
        using var reference = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")));
        var count = 0;
        foreach (var item in reference.RootElement.GetProperty("cases").EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            var spans = tokenizer.EncodeWithOffsets(text, addSpecialTokens: false);
            Assert.Equal(Ints(item, "ids"), tokenizer.Encode(text));
            Assert.Equal(Ints(item, "ids_plain"), spans.Select(s => s.Id));
            Assert.Equal(item.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()), spans.Select(s => s.Token));
            Assert.Equal(
                item.GetProperty("offsets").EnumerateArray().Select(o => (o[0].GetInt32(), o[1].GetInt32())),
                spans.Select(s => (s.Start, s.End)));
            Assert.Equal(item.GetProperty("decoded").GetString(), tokenizer.Decode(Ints(item, "ids")));
            Assert.Equal(item.GetProperty("decoded_with_special").GetString(), tokenizer.Decode(Ints(item, "ids"), skipSpecialTokens: false));
            count++;
        }

        Assert.True(count > 0, "the reference holds no case");
    }

    [Fact]
    public void A_trained_tokenizer_gives_back_every_text_and_survives_saving()
    {
        string[] texts = ["the cat sat on the mat", "the dog ate the cat's hat", "Ünïcödé \u00e9\u4e16\u754c \ud83d\ude00 tabs\tand\nlines"];
        var tokenizer = BpeTrainer.Train(texts, new() { VocabularySize = 300, LeastCount = 1 }, TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        var loaded = Tokenizer.Load(folder.Path);
        Assert.Equal(300, tokenizer.VocabularySize);
        foreach (var text in texts.Append("new words \u20ac"))
        {
            var ids = tokenizer.Encode(text);
            Assert.Equal(1, ids[0]);
            Assert.Equal(text, tokenizer.Decode(ids));
            Assert.Equal(ids, loaded.Encode(text));
        }

        Assert.Equal((0, 1, 2), (loaded.PadId, loaded.BosId, loaded.EosId));
    }

    [Fact]
    public void Training_merges_the_most_frequent_pair_first()
    {
        var tokenizer = BpeTrainer.Train(["aaab aaab ab"], new() { VocabularySize = 262, LeastCount = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal("aa", tokenizer.TokenOf(261));
    }

    private static int[] Ints(JsonElement item, string name) => [.. item.GetProperty(name).EnumerateArray().Select(i => i.GetInt32())];
}
