using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class AddedEndsGgufTests
{
    [Theory]
    [InlineData("bos-off", false, false)]
    [InlineData("both", true, true)]
    [InlineData("unsaid", true, false)]
    [InlineData("generic-bos-off", false, false)]
    public void A_GGUF_file_adds_the_tokens_that_the_configuration_names(string name, bool begin, bool end)
    {
        using var folder = new TemporaryFolder();
        var source = GoldenFolder.Shipped("cases", "add-bos-eos", name);
        using var model = ModelFolder.Load(source);
        var tokenizer = Tokenizer.Load(source);
        GgufExport.Write(model, tokenizer, folder.File("x.gguf"), new() { Type = GgufType.F32 });
        using var file = GgufFile.Open(folder.File("x.gguf"));
        Assert.Equal(begin, file.Metadata.Flag("tokenizer.ggml.add_bos_token", !begin));
        Assert.Equal(end, file.Metadata.Flag("tokenizer.ggml.add_eos_token", !end));
        if (name != "generic-bos-off")
            Assert.Equal(tokenizer.Encode("q"), GgufTokenizer.Read(file).Encode("q"));
    }

    [Fact]
    public void A_padding_of_minus_one_is_none_and_is_not_written_again()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelFolder.Load(GoldenFolder.Shipped("cases", "pad-minus-one", "model"));
        Assert.Null(model.Config.PadTokenId);
        ModelFolder.Save(model, folder.Path);
        Assert.Null(JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!["pad_token_id"]);
        Assert.Equal(0, (int)JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!["bos_token_id"]!);
    }
}
