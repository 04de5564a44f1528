using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class GgufTokenizerTests
{
    public static TheoryData<string> Written =>
        [.. GoldenFolder.Folders("tokenizers").Where(name => name is "bpe-gpt2" or "bpe-llama3" or "bpe-qwen2")];

    public static TheoryData<string> Others =>
        [.. GoldenFolder.Folders("tokenizers").Except(Written.Select(row => row.Data))];

    [Theory(SkipTestWithoutData = true), Trait("Category", "Golden")]
    [MemberData(nameof(Written))]
    public void A_byte_level_tokenizer_written_and_read_gives_the_same_ids(string name)
    {
        var tokenizer = Tokenizer.Load(Path.Combine(GoldenFolder.Root, "tokenizers", name));
        var (read, metadata) = RoundTrip(tokenizer);
        Assert.Equal(
            name switch
            {
                "bpe-gpt2" => "gpt-2",
                "bpe-llama3" => "llama-bpe",
                _ => "qwen2",
            },
            metadata.Text("tokenizer.ggml.pre")
        );
        using var reference = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(GoldenFolder.Root, "tokenizers", name, "reference.json"))
        );
        foreach (var text in Texts(reference.RootElement).Where(IsComposed))
        {
            Assert.Equal(tokenizer.Encode(text), read.Encode(text));
            Assert.Equal(tokenizer.Decode(tokenizer.Encode(text)), read.Decode(read.Encode(text)));
        }
    }

    [Theory(SkipTestWithoutData = true), Trait("Category", "Golden")]
    [MemberData(nameof(Others))]
    public void A_tokenizer_that_a_file_cannot_hold_is_refused(string name)
    {
        var tokenizer = Tokenizer.Load(Path.Combine(GoldenFolder.Root, "tokenizers", name));
        Assert.Throws<InputException>(() => RoundTrip(tokenizer));
    }

    [Fact]
    public void Special_tokens_and_the_chat_template_are_written_and_read()
    {
        var words = BpeTrainer.Train(["the cat sat on the mat"], new() { VocabularySize = 270, LeastCount = 1 });
        var (read, metadata) = RoundTrip(words);
        Assert.Equal((words.BosId, words.EosId, words.PadId), (read.BosId, read.EosId, read.PadId));
        Assert.Equal(words.ChatTemplate!.Source, read.ChatTemplate!.Source);
        Assert.True(metadata.Flag("tokenizer.ggml.add_bos_token", false));
        Assert.Equal(words.Encode("the cat<|eos|>"), read.Encode("the cat<|eos|>"));
        Assert.Equal("the cat", read.Decode(words.Encode("the cat<|eos|>")));
    }

    [Fact]
    public void Pieces_join_by_score_and_fall_back_to_bytes()
    {
        var tokenizer = Pieces();
        Assert.Equal(["<s>", "▁ab", "c"], Tokens(tokenizer, "abc"));
        Assert.Equal(["<s>", "▁", "bc"], Tokens(tokenizer, "bc"));
        Assert.Equal(["<s>", "▁", "<0xC3>", "<0xA9>"], Tokens(tokenizer, "é"));
        Assert.Equal(["<s>", "▁a", "</s>", "▁", "b"], Tokens(tokenizer, "a</s>b"));
        Assert.Equal("abc é", tokenizer.Decode(tokenizer.Encode("abc é")));
        Assert.Equal((1, 2), (tokenizer.BosId, tokenizer.EosId));
    }

    [Fact]
    public void Pieces_written_and_read_give_the_same_ids()
    {
        var tokenizer = Pieces();
        var (read, metadata) = RoundTrip(tokenizer);
        Assert.Equal("llama", metadata.Text("tokenizer.ggml.model"));
        Assert.Equal(6, metadata.Wholes("tokenizer.ggml.token_type")![3 + 'a']);
        foreach (var text in (string[])["abc", "bc abc", "é</s> abcabc", "", "  a"])
            Assert.Equal(tokenizer.Encode(text), read.Encode(text));
    }

    [Theory]
    [InlineData("gpt-2", "a 12345 ĠDon 't")]
    [InlineData("smollm", "a 1 2 3 4 5 ĠDon 't")]
    [InlineData("llama-bpe", "a 123 45 ĠDon 't")]
    [InlineData("qwen2", "a 1 2 3 4 5 ĠDon 't")]
    [InlineData("gpt-4o", "a 123 45 ĠDon't")]
    [InlineData("tekken", "a 1 2 3 4 5 ĠDon 't")]
    [InlineData("default", "a 123 45 ĠDon ' t")]
    public void Text_is_cut_as_the_file_says(string name, string pieces)
    {
        var splitting = GgufSplitting.Of(
            new GgufMetadata("x.gguf", new Dictionary<string, object> { ["tokenizer.ggml.pre"] = name })
        );
        const string Text = "a12345 Don't";
        var cut = new PieceText(Text, null, [new(0, Text.Length)]);
        PreTokenizerReader.Read(JsonField.Parse("x", TokenizerJson.Bytes(splitting.ToJson())))!.Apply(cut);
        Assert.Equal(pieces, string.Join(' ', cut.Pieces.Select(p => cut.Text.Substring(p.Start, p.Length))));
    }

    [Theory]
    [InlineData("tokenizer.ggml.model", "rwkv", "rwkv")]
    [InlineData("tokenizer.ggml.pre", "magic", "magic")]
    [InlineData("tokenizer.ggml.bos_token_id", 99u, "99")]
    [InlineData("tokenizer.ggml.tokens", 5u, "tokens")]
    [InlineData("tokenizer.ggml.merges", "a b", "merges")]
    public void A_key_that_does_not_fit_is_named(string key, object value, string word) =>
        AssertRefused(key, value, word);

    [Fact]
    public void Lists_that_do_not_fit_are_named()
    {
        AssertRefused("tokenizer.ggml.tokens", new[] { "a", "a", "b" }, "'a'");
        AssertRefused("tokenizer.ggml.tokens", Array.Empty<string>(), "tokens");
        AssertRefused("tokenizer.ggml.token_type", new[] { 1 }, "token_type");
        AssertRefused("tokenizer.ggml.merges", new[] { "a x" }, "'ax'");
    }

    private static void AssertRefused(string key, object value, string word)
    {
        var metadata = new Dictionary<string, object>
        {
            ["tokenizer.ggml.model"] = "gpt2",
            ["tokenizer.ggml.pre"] = "gpt-2",
            ["tokenizer.ggml.tokens"] = new[] { "a", "b", "ab" },
            ["tokenizer.ggml.merges"] = new[] { "a b" },
            [key] = value,
        };
        Assert.Contains(
            word,
            Assert.Throws<InputException>(() => Read([.. metadata])).Message,
            StringComparison.Ordinal
        );
    }

    private static Tokenizer Pieces()
    {
        string[] tokens =
        [
            "<unk>",
            "<s>",
            "</s>",
            .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"),
            "▁",
            "a",
            "b",
            "c",
            "▁a",
            "▁ab",
            "ab",
            "bc",
        ];
        var kinds = tokens
            .Select(
                (_, id) =>
                    id switch
                    {
                        0 => 2,
                        1 or 2 => 3,
                        < 259 => 6,
                        _ => 1,
                    }
            )
            .ToArray();
        var scores = tokens.Select((_, id) => id < 263 ? 0f : -(id - 262f)).ToArray();
        return Read([
            new("tokenizer.ggml.model", "llama"),
            new("tokenizer.ggml.tokens", tokens),
            new("tokenizer.ggml.token_type", kinds),
            new("tokenizer.ggml.scores", scores),
        ]);
    }

    private static Tokenizer Read(KeyValuePair<string, object>[] metadata)
    {
        using var folder = new TemporaryFolder();
        GgufFile.Write(folder.File("x.gguf"), metadata, []);
        return ModelFiles.LoadTokenizer(folder.File("x.gguf"));
    }

    private static (Tokenizer Tokenizer, GgufMetadata Metadata) RoundTrip(Tokenizer tokenizer)
    {
        using var folder = new TemporaryFolder();
        GgufFile.Write(
            folder.File("x.gguf"),
            [.. GgufTokenizerWriter.Write(tokenizer, tokenizer.VocabularySize + 2, [])],
            []
        );
        using var file = GgufFile.Open(folder.File("x.gguf"));
        return (GgufTokenizer.Read(file), file.Metadata);
    }

    private static IEnumerable<string> Tokens(Tokenizer tokenizer, string text) =>
        tokenizer.Encode(text).Select(tokenizer.TokenOf);

    /// <summary>Files have no place for Unicode's composed form.</summary>
    private static bool IsComposed(string text) =>
        new UnicodeFormNormalizer(compatibility: false, compose: true).Normalize(AlignedText.FromOriginal(text, 0)).Text
        == text;

    private static IEnumerable<string> Texts(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Array => json.EnumerateArray().SelectMany(Texts),
            JsonValueKind.Object => json.EnumerateObject()
                .SelectMany(p =>
                    p.Name == "text" && p.Value.ValueKind == JsonValueKind.String
                        ? [p.Value.GetString()!]
                        : Texts(p.Value)
                ),
            _ => [],
        };
}
