using Palimpsest.TestKit;

namespace Palimpsest.Tokenizers.Tests;

public sealed class TextStreamTests
{
    public static TheoryData<string> Folders =>
        [
            .. Directory
                .GetFiles(GoldenFolder.Root, "tokenizer.json", SearchOption.AllDirectories)
                .Concat(
                    Directory.GetFiles(GoldenFolder.Shipped("cases"), "tokenizer.json", SearchOption.AllDirectories)
                )
                .Select(path => Path.GetDirectoryName(path)!)
                .DistinctBy(folder => File.ReadAllText(Path.Combine(folder, "tokenizer.json"))),
        ];

    [Theory, Trait("Category", "Golden")]
    [MemberData(nameof(Folders))]
    public void Pieces_and_rest_are_the_text_of_all_ids(string folder) => AssertStreams(Tokenizer.Load(folder));

    // Each decoder alone, and those that published files put one after another.
    [Theory]
    [InlineData("""{"type":"ByteLevel"}""", true)]
    [InlineData("""{"type":"ByteFallback"}""", true)]
    [InlineData("""{"type":"Fuse"}""", true)]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", true)]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""", true)]
    [InlineData("""{"type":"WordPiece","prefix":"##","cleanup":true}""", true)]
    [InlineData("""{"type":"WordPiece","prefix":"##","cleanup":false}""", true)]
    [InlineData("""{"type":"BPEDecoder","suffix":"</w>"}""", true)]
    [InlineData("""{"type":"CTC","pad_token":"<pad>","word_delimiter_token":"|","cleanup":true}""", true)]
    [InlineData("""{"type":"Strip","content":" ","start":1,"stop":2}""", true)]
    [InlineData("""{"type":"Replace","pattern":{"String":"ab"},"content":"-"}""", true)]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"a+"},"content":"-"}""", true)]
    [InlineData(
        """
            {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
            {"type":"ByteFallback"},
            {"type":"Fuse"},{"type":"Strip","content":" ","start":2,"stop":3}]}
            """,
        true
    )]
    [InlineData(
        """
            {"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Replace","pattern":{"String":"aab"},"content":"ab"},
            {"type":"BPEDecoder","suffix":"</w>"},{"type":"WordPiece","prefix":"##","cleanup":true},
            {"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}]}
            """,
        true
    )]
    [InlineData(
        """
            {"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Replace","pattern":{"Regex":"a+b"},"content":"-"}]}
            """,
        false
    )]
    [InlineData("null", true)]
    public void Every_decoder_gives_out_what_no_later_token_can_change(string decoder, bool incremental)
    {
        foreach (var cleansUp in new[] { false, true })
        {
            using var folder = new TemporaryFolder();
            var vocabulary = string.Join(',', Pieces.Select((piece, id) => $"{Quoted(piece)}:{id}"));
            File.WriteAllText(
                folder.File("tokenizer.json"),
                $$"""
                {"added_tokens":[{"id":0,"content":"<pad>","special":true}],"decoder":{{decoder}},
                "model":{"type":"WordLevel","vocab":{ {{vocabulary}} },"unk_token":"<pad>"}
                }
                """
            );
            File.WriteAllText(
                folder.File("tokenizer_config.json"),
                $$"""{"clean_up_tokenization_spaces":{{(cleansUp ? "true" : "false")}}}"""
            );
            var tokenizer = Tokenizer.Load(folder.Path);
            Assert.Equal(incremental, tokenizer.NewStream().IsIncremental);
            AssertStreams(tokenizer);
        }
    }

    [Fact]
    public void A_plain_token_is_given_out_at_once()
    {
        var bytes = BpeTrainer.Train(["ab"], new() { VocabularySize = 261, LeastCount = 9 });
        var stream = bytes.NewStream();
        Assert.Equal(
            ["a", "", "ß", "b"],
            bytes.Encode("aßb", addSpecialTokens: false).Select(id => stream.Add(id)).ToArray()
        );
        Assert.Equal("", stream.End());
    }

    private static readonly string[] Pieces =
    [
        "<pad>",
        "a",
        "aa",
        "ab",
        "b",
        "▁a",
        "▁",
        " ",
        "  ",
        "##a",
        "##b",
        "a</w>",
        "b</w>",
        "</w>",
        "|",
        ".",
        ",",
        "'",
        "n't",
        "'s",
        "do",
        "not",
        "do not",
        " ' ",
        " .",
        "<0xE2>",
        "<0x82>",
        "<0xAC>",
        "<0x41>",
        "<0xFF>",
        "Ġa",
        "Ã",
        "Ł",
        "â",
        "Ĥ",
        "¬",
        "世",
        "ß",
    ];

    private static string Quoted(string piece) => System.Text.Json.JsonSerializer.Serialize(piece);

    private static void AssertStreams(Tokenizer tokenizer)
    {
        var random = new SeededRandom(7);
        for (var round = 0; round < 120; round++)
        {
            var ids = new int[1 + random.Below(24)];
            var (first, range) = (0, tokenizer.VocabularySize);
            if (round % 2 == 0 && range > 60)
                (first, range) = (random.Below(range - 50), 50);
            for (var i = 0; i < ids.Length; i++)
                ids[i] = i > 0 && random.Below(5) == 0 ? ids[i - 1] : first + random.Below(range);
            foreach (var skips in new[] { true, false })
            {
                var stream = tokenizer.NewStream(skips);
                var text = "";
                for (var i = 0; i < ids.Length; i++)
                {
                    text += stream.Add(ids[i]);
                    Assert.StartsWith(text, tokenizer.Decode(ids, skips), StringComparison.Ordinal);
                }

                Assert.Equal(tokenizer.Decode(ids, skips), text + stream.End());
            }
        }
    }
}
