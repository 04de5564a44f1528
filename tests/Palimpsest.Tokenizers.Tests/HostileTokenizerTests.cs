using System.Text;
using Palimpsest.TestKit;

namespace Palimpsest.Tokenizers.Tests;

public sealed class HostileTokenizerTests
{
    private const string Bpe = """{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}""";

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("""{"model":null}""")]
    [InlineData("""{"model":3}""")]
    [InlineData("""{"model":{"type":"Magic","vocab":{}}}""")]
    [InlineData("""{"model":{"type":"BPE"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":[],"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":2000000000},"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0.5},"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"\ud800":0},"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a c"]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["aa"]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a","a","a"]]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[7]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"x"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"byte_fallback":"yes"}}""")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a"]]}}""")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a","b"]]}}""")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",1e999]]}}""")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",-1]],"unk_id":5}}""")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[],"unk_id":0}}""")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}}}""")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"[UNK]":0},"max_input_chars_per_word":-4}}""")]
    public void A_file_without_a_usable_model_is_refused_in_one_line(string json) => AssertRefused(json);

    [Theory]
    [InlineData("\"added_tokens\":{}")]
    [InlineData("\"added_tokens\":[{\"content\":\"x\"}]")]
    [InlineData("\"added_tokens\":[{\"id\":9}]")]
    [InlineData("\"added_tokens\":[{\"id\":-9,\"content\":\"x\"}]")]
    [InlineData("\"added_tokens\":[{\"id\":1,\"content\":\"x\"}]")]
    [InlineData("\"added_tokens\":[{\"id\":9,\"content\":\"x\"},{\"id\":9,\"content\":\"y\"}]")]
    [InlineData("\"added_tokens\":[{\"id\":9,\"content\":\"x\",\"special\":1}]")]
    [InlineData("\"normalizer\":{\"type\":\"Magic\"}")]
    [InlineData("\"normalizer\":{}")]
    [InlineData("\"normalizer\":[]")]
    [InlineData("\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(\"},\"content\":\"\"}")]
    [InlineData("\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"!\"}")]
    [InlineData("\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"/////w==\"}")]
    [InlineData("\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[null]}")]
    [InlineData("\"pre_tokenizer\":{\"type\":\"Magic\"}")]
    [InlineData("\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"[z-a]\"}}")]
    [InlineData("\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"},\"behavior\":\"Sideways\"}")]
    [InlineData("\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\"}")]
    [InlineData("\"pre_tokenizer\":{\"type\":\"Metaspace\",\"prepend_scheme\":\"often\"}")]
    [InlineData("\"pre_tokenizer\":{\"type\":\"CharDelimiterSplit\",\"delimiter\":\"ab\"}")]
    [InlineData("\"post_processor\":{\"type\":\"Magic\"}")]
    [InlineData("\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[]}")]
    [InlineData(
        "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":"
            + "[{\"SpecialToken\":{\"id\":\"x\"}},{\"Sequence\":{\"id\":\"A\"}}]}"
    )]
    [InlineData("\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":[\"x\",99],\"sep\":[\"y\",0]}")]
    [InlineData("\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":[\"x\"],\"sep\":[]}")]
    [InlineData("\"decoder\":{\"type\":\"Magic\"}")]
    [InlineData("\"decoder\":{\"type\":\"Strip\",\"content\":\"ab\",\"start\":1,\"stop\":0}")]
    [InlineData("\"decoder\":{\"type\":\"Strip\",\"content\":\"a\",\"start\":-1,\"stop\":0}")]
    [InlineData("\"decoder\":{\"type\":\"Replace\",\"pattern\":3,\"content\":\"\"}")]
    public void A_stage_that_makes_no_sense_is_refused_in_one_line(string member) =>
        AssertRefused($$"""{{{member}},"model":{{Bpe}}}""");

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"bos_token\":3}")]
    [InlineData("{\"bos_token\":{}}")]
    [InlineData("{\"added_tokens_decoder\":{\"x\":{\"content\":\"q\"}}}")]
    [InlineData("{\"added_tokens_decoder\":{\"99999999999\":{\"content\":\"q\"}}}")]
    [InlineData("{\"added_tokens_decoder\":{\"1\":{\"content\":\"q\"}}}")]
    [InlineData("{\"chat_template\":4}")]
    [InlineData("{\"chat_template\":[{\"name\":\"a\"}]}")]
    [InlineData("{\"clean_up_tokenization_spaces\":\"no\"}")]
    [InlineData("nonsense")]
    public void A_config_that_makes_no_sense_is_refused_in_one_line(string config) =>
        AssertRefused($$"""{"model":{{Bpe}}}""", config);

    [Fact]
    public void Nesting_without_end_is_refused() =>
        AssertRefused(
            "{\"normalizer\":" + string.Concat(Enumerable.Repeat("{\"type\":\"Sequence\",\"normalizers\":[", 20_000))
        );

    [Fact]
    public void A_folder_without_a_tokenizer_is_named()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<InputException>(() => Tokenizer.Load(folder.Path));
        Assert.Contains(folder.File("tokenizer.json"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_takes_forever_ends_with_an_error()
    {
        var pattern = "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(x+x+)+y\"},\"behavior\":\"Isolated\"}";
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), $$"""{"pre_tokenizer":{{pattern}},"model":{{Bpe}}}""");
        var tokenizer = Tokenizer.Load(folder.Path);
        Assert.Contains(
            "took longer",
            Assert.Throws<InputException>(() => tokenizer.Encode(new string('x', 60))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_broken_chat_template_is_an_error_only_when_it_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), $$"""{"model":{{Bpe}}}""");
        File.WriteAllText(folder.File("chat_template.jinja"), "{% nonsense %}");
        var tokenizer = Tokenizer.Load(folder.Path);
        Assert.Equal([2], tokenizer.Encode("ab"));
        Assert.Contains(
            "nonsense",
            Assert.Throws<InputException>(() => tokenizer.ChatTemplate).Message,
            StringComparison.Ordinal
        );
    }

    private static void AssertRefused(string json, string? config = null)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), json, new UTF8Encoding(false));
        if (config is not null)
            File.WriteAllText(folder.File("tokenizer_config.json"), config, new UTF8Encoding(false));
        var error = Assert.Throws<InputException>(() => Tokenizer.Load(folder.Path));
        Assert.DoesNotContain('\n', error.Message);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
    }
}
