using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Tokenizers.Tests;

public sealed class AddedEndsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bos-off", new[] { 2 })]
    [InlineData("both", new[] { 0, 2, 1 })]
    [InlineData("unsaid", new[] { 0, 2 })]
    [InlineData("generic-bos-off", new[] { 0, 2 })]
    public void Classes_of_Llama_s_kind_add_what_the_two_fields_say(string name, int[] expected)
    {
        var tokenizer = Tokenizer.Load(GoldenFolder.Shipped("cases", "add-bos-eos", name));
        Assert.Equal(expected, tokenizer.Encode("q"));
        Assert.Equal([2], tokenizer.Encode("q", addSpecialTokens: false));
    }

    [Theory]
    [InlineData("LlamaTokenizer", true)]
    [InlineData("CodeLlamaTokenizerFast", true)]
    [InlineData("GemmaTokenizer", true)]
    [InlineData("CohereTokenizerFast", true)]
    [InlineData("GPT2TokenizerFast", false)]
    public void The_class_decides_who_is_asked(string name, bool asks)
    {
        var tokenizer = With(config =>
        {
            config["tokenizer_class"] = name;
            config["add_bos_token"] = false;
            config["add_eos_token"] = true;
        });
        Assert.Equal(asks ? [2, 1] : new[] { 0, 2 }, tokenizer.Encode("q"));
    }

    [Fact]
    public void A_token_that_is_to_be_added_and_is_not_there_is_named()
    {
        Refusal.Of(
            () =>
                With(config =>
                {
                    config.Remove("eos_token");
                    config["tokenizer_class"] = "GemmaTokenizer";
                    config["add_eos_token"] = true;
                }),
            "tokenizer_config.json",
            "add_eos_token",
            "<eos>"
        );
        Refusal.Of(() => With(config => config["add_bos_token"] = "no"), "tokenizer_config.json", "add_bos_token");
    }

    [Fact]
    public void An_unknown_token_that_no_text_needs_may_be_missing()
    {
        var bytes = Enumerable.Range(0, 256).Where(b => b is not (0xC0 or 0xC1) and < 0xF5).ToArray();
        var tokenizer = ByteLevel(bytes);
        const string Text = "aä€😀\t";
        Assert.Equal(System.Text.Encoding.UTF8.GetByteCount(Text), tokenizer.Encode(Text).Length);
        Assert.Equal(Text, tokenizer.Decode(tokenizer.Encode(Text)));
        Refusal.Of(() => ByteLevel(bytes[1..]), "tokenizer.json", "unk_token", "<unk>");
    }

    private Tokenizer ByteLevel(int[] bytes)
    {
        var vocabulary = new JsonObject(
            bytes.Select((b, id) => KeyValuePair.Create(ByteAlphabet.CharOf((byte)b).ToString(), (JsonNode?)id))
        );
        var json = new JsonObject
        {
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray(),
                ["unk_token"] = "<unk>",
            },
        };
        File.WriteAllText(_folder.File("tokenizer.json"), json.ToJsonString());
        return Tokenizer.Load(_folder.Path);
    }

    private Tokenizer With(Action<JsonObject> change)
    {
        var source = GoldenFolder.Shipped("cases", "add-bos-eos", "unsaid");
        File.Copy(Path.Combine(source, "tokenizer.json"), _folder.File("tokenizer.json"), overwrite: true);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "tokenizer_config.json")))!.AsObject();
        change(config);
        File.WriteAllText(_folder.File("tokenizer_config.json"), config.ToJsonString());
        return Tokenizer.Load(_folder.Path);
    }
}
