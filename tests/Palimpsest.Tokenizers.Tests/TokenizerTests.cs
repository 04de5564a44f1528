using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Tokenizers.Tests;

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
            Assert.Equal(
                item.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()),
                spans.Select(s => s.Token)
            );
            Assert.Equal(
                item.GetProperty("offsets").EnumerateArray().Select(o => (o[0].GetInt32(), o[1].GetInt32())),
                spans.Select(s => (s.Start, s.End))
            );
            Assert.Equal(item.GetProperty("decoded").GetString(), tokenizer.Decode(Ints(item, "ids")));
            Assert.Equal(
                item.GetProperty("decoded_with_special").GetString(),
                tokenizer.Decode(Ints(item, "ids"), skipSpecialTokens: false)
            );
            count++;
        }

        Assert.True(count > 0, "the reference holds no case");
    }

    [Fact, Trait("Category", "Golden")]
    public void Every_folder_with_a_tokenizer_is_saved_byte_for_byte()
    {
        var folders = Directory
            .GetFiles(GoldenFolder.Root, "tokenizer.json", SearchOption.AllDirectories)
            .Select(path => Path.GetDirectoryName(path)!);
        foreach (var folder in folders)
        {
            using var copy = new TemporaryFolder();
            File.WriteAllText(copy.File("chat_template.jinja"), "left from another model");
            Tokenizer.Load(folder).Save(copy.Path);
            foreach (
                var name in new[]
                {
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "chat_template.jinja",
                }
            )
            {
                var original = Path.Combine(folder, name);
                Assert.Equal(File.Exists(original), File.Exists(copy.File(name)));
                if (File.Exists(original))
                    Assert.Equal(File.ReadAllBytes(original), File.ReadAllBytes(copy.File(name)));
            }
        }
    }

    [Fact, Trait("Category", "Golden")]
    public void The_conversation_of_a_model_folder_becomes_its_special_tokens()
    {
        var folder = GoldenFolder.TryGet("tofu-small", "full");
        Assert.SkipWhen(folder is null, "there is no tofu-small");
        var tokenizer = Tokenizer.Load(folder!);
        var text = tokenizer.ChatTemplate!.Render(
            [Turn.User("Who?"), Turn.Assistant("Me.")],
            addGenerationPrompt: false
        );
        var ids = tokenizer.Encode(text, addSpecialTokens: false);
        Assert.Equal("<|bos|><|user|>Who?<|assistant|>Me.<|eos|>", text);
        Assert.Equal([1, 3], ids[..2]);
        Assert.Equal((0, 1, 2), (tokenizer.PadId, tokenizer.BosId, tokenizer.EosId));
        Assert.Equal(tokenizer.EosId, ids[^1]);
        Assert.Equal("Who?Me.", tokenizer.Decode(ids));
        Assert.Equal(text, tokenizer.Decode(ids, skipSpecialTokens: false));
    }

    [Fact]
    public void Added_tokens_take_white_space_and_respect_words_as_their_flags_say()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("tokenizer.json"),
            """
            {"added_tokens":[{"id":3,"content":"<m>","lstrip":true,"special":true},
            {"id":4,"content":"ab","single_word":true},
            {"id":5,"content":"<r>","rstrip":true,"special":true},{"id":6,"content":"<mm>","special":true}],
            "pre_tokenizer":{"type":"WhitespaceSplit"},
            "model":{"type":"WordLevel","vocab":{"<u>":0,"x":1,"xab":2},"unk_token":"<u>"}}
            """
        );
        var tokenizer = Tokenizer.Load(folder.Path);
        Assert.Equal([1, 3, 1, 5, 1, 4, 2, 6], tokenizer.Encode("x  <m>x <r>  x ab xab <mm>"));
        Assert.Equal((1, 6), tokenizer.EncodeWithOffsets("x  <m>x")[1] is var mark ? (mark.Start, mark.End) : default);
        Assert.Equal("x x", tokenizer.Decode([1, 3, 1]));
        Assert.Equal(7, tokenizer.VocabularySize);
        Assert.True(tokenizer.IsSpecial(3));
        Assert.False(tokenizer.IsSpecial(4));
    }

    [Fact]
    public void Special_tokens_of_the_config_are_found_and_can_be_left_out()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("tokenizer.json"),
            """{"model":{"type":"WordLevel","vocab":{"<u>":0,"a":1},"unk_token":"<u>"}}"""
        );
        File.WriteAllText(
            folder.File("tokenizer_config.json"),
            """
            {"bos_token":{"content":"<s>"},"eos_token":"</s>",
            "chat_template":[{"name":"other","template":"o"},{"name":"default","template":"{{ bos_token }}d"}]}
            """
        );
        var tokenizer = Tokenizer.Load(folder.Path);
        Assert.Equal((2, 3, null), (tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
        Assert.Equal([2, 1, 3], tokenizer.Encode("<s>a</s>"));
        Assert.Equal([0], tokenizer.Encode("<s>a</s>", findsSpecialTokens: false));
        Assert.Equal("a", tokenizer.Decode([2, 1, 3]));
        Assert.Equal("<s>d", tokenizer.ChatTemplate!.Render([], false));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_encoded_as_the_replacement_character()
    {
        var tokenizer = BpeTrainer.Train(["some text"], new(), TestContext.Current.CancellationToken);
        Assert.Equal("a\uFFFDb", tokenizer.Decode(tokenizer.Encode("a\uD800b")));
    }

    private static int[] Ints(JsonElement item, string name) =>
        [.. item.GetProperty(name).EnumerateArray().Select(i => i.GetInt32())];

    [Fact]
    public void Another_chat_template_leaves_the_tokens_and_is_saved()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = BpeTrainer.Train(["the cat sat"], new() { VocabularySize = 280 });
        var other = tokenizer.WithChatTemplate("{{ bos_token }}{{ messages[0].content }}!");
        other.Save(folder.Path);
        foreach (var one in new[] { other, Tokenizer.Load(folder.Path) })
        {
            Assert.Null(one.FirstDifference(tokenizer));
            Assert.Equal("<|bos|>cat!", one.ChatTemplate!.Render([Turn.User("cat")], false));
        }

        Assert.NotEqual("<|bos|>cat!", tokenizer.ChatTemplate!.Render([Turn.User("cat")], false));
        Assert.Throws<InputException>(() => tokenizer.WithChatTemplate("{% if %}"));
    }
}
