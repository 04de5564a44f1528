using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class SentenceEncoderTests
{
    private static readonly Lazy<Tokenizer> Words = new(() => WordLevelTrainer.Train(["a b c d e f g h"], new()));

    [Fact, Trait("Category", "Golden")]
    public void The_real_encoder_gives_the_ids_and_vectors_of_its_reference()
    {
        var folder = Path.Combine(GoldenFolder.Root, "..", "models", "all-MiniLM-L6-v2");
        Assert.SkipUnless(Directory.Exists(folder), "The model all-MiniLM-L6-v2 is not on this machine.");
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")));
        var sentences = json
            .RootElement.GetProperty("sentences")
            .EnumerateArray()
            .Select(s => s.GetString()!)
            .ToArray();
        using var encoder = SentenceEncoder.Load(folder, json.RootElement.GetProperty("max_length").GetInt32());
        using var reference = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
        var (ids, mask) = (reference.Read("input_ids"), reference.Read("attention_mask"));
        var tokens = sentences.Select(encoder.Tokenize).ToArray();
        for (var row = 0; row < tokens.Length; row++)
            Assert.Equal(ids[row][mask[row] == 1].data<long>().ToArray(), tokens[row].Select(id => (long)id));
        using var batch = TokenBatch.Collate([.. tokens.Select(t => new TokenSequence(t, t.Length))], encoder.PadId);
        var difference = (encoder.Encode(batch) - reference.Read("embeddings")).abs().max().item<float>();
        Assert.InRange(difference, 0, 1e-3);
    }

    [Theory]
    [InlineData("pooling_mode_cls_token", PoolingMode.First)]
    [InlineData("pooling_mode_mean_tokens", PoolingMode.Mean)]
    [InlineData("pooling_mode_max_tokens", PoolingMode.Max)]
    [InlineData("pooling_mode_mean_sqrt_len_tokens", PoolingMode.MeanSqrtLength)]
    [InlineData("pooling_mode_lasttoken", PoolingMode.Last)]
    public void The_folder_says_how_to_pool_and_how_long_texts_are(string field, PoolingMode mode)
    {
        using var folder = Write($"{{\"{field}\": true}}", normalize: false);
        File.WriteAllText(
            folder.File("sentence_bert_config.json"),
            "{\"max_seq_length\": 7, \"do_lower_case\": false}"
        );
        using var encoder = SentenceEncoder.Load(folder.Path);
        Assert.Equal((mode, false, 7), (encoder.Pooling, encoder.Normalizes, encoder.MaxTokens));
        Assert.Equal(7, encoder.Tokenize("a b c d e f g h").Length);
    }

    [Fact]
    public void Pooling_follows_its_definition()
    {
        using var scope = NewDisposeScope();
        var hidden = tensor(new float[] { 1, 2, 3, -4, 100, 100 }, [1, 3, 2]);
        var mask = tensor(new[] { true, true, false }, [1, 3]);
        float[] Pool(PoolingMode mode, bool normalize = false) =>
            Pooling.Apply(hidden, mask, mode, normalize).data<float>().ToArray();
        Assert.Equal([1, 2], Pool(PoolingMode.First));
        Assert.Equal([3, 2], Pool(PoolingMode.Max));
        Assert.Equal([2, -1], Pool(PoolingMode.Mean));
        Assert.Equal([4 / MathF.Sqrt(2), -2 / MathF.Sqrt(2)], Pool(PoolingMode.MeanSqrtLength));
        Assert.Equal([3, -4], Pool(PoolingMode.Last));
        Assert.Equal([0.6f, -0.8f], Pool(PoolingMode.Last, normalize: true));
    }

    [Theory]
    [InlineData(
        "[{\"path\": \"\", \"type\": \"x.Transformer\"}, {\"path\": \"2_Dense\", \"type\": \"x.Dense\"}]",
        "Dense"
    )]
    [InlineData("[{\"path\": \"../elsewhere\", \"type\": \"x.Transformer\"}]", "elsewhere")]
    [InlineData("{}", "modules.json")]
    public void A_module_that_is_not_known_is_named(string modules, string part)
    {
        using var folder = Write("{\"pooling_mode_mean_tokens\": true}", normalize: true);
        File.WriteAllText(folder.File("modules.json"), modules);
        Assert.Contains(
            part,
            Assert.Throws<InputException>(() => SentenceEncoder.Load(folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"pooling_mode_mean_tokens\": true, \"pooling_mode_cls_token\": true}")]
    [InlineData("{\"pooling_mode_weightedmean_tokens\": true}")]
    public void A_pooling_that_is_not_one_known_kind_is_refused(string pooling)
    {
        using var folder = Write(pooling, normalize: true);
        Assert.Contains(
            "pooling",
            Assert.Throws<InputException>(() => SentenceEncoder.Load(folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    private static TemporaryFolder Write(string pooling, bool normalize)
    {
        var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        BertEncoderTests.WriteSmall(folder, _ => true, vocabulary: Words.Value.VocabularySize);
        Words.Value.Save(folder.Path);
        Directory.CreateDirectory(folder.File("1_Pooling"));
        File.WriteAllText(folder.File("1_Pooling", "config.json"), pooling);
        File.WriteAllText(
            folder.File("modules.json"),
            "[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"}, {\"path\": \"1_Pooling\", "
                + "\"type\": \"sentence_transformers.models.Pooling\"}"
                + (
                    normalize
                        ? ", {\"path\": \"2_Normalize\", \"type\": \"sentence_transformers.models.Normalize\"}]"
                        : "]"
                )
        );
        return folder;
    }
}
