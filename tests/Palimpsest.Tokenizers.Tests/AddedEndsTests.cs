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
