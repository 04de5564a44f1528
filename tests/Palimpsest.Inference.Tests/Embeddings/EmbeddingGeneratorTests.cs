using System.Text.Json;
using Microsoft.Extensions.AI;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class EmbeddingGeneratorTests
{
    private static readonly Tokenizer Words = BpeTrainer.Train(
        ["the cat sat on the mat and the dog ate the hat"],
        new() { VocabularySize = 290, LeastCount = 1 }
    );
    private static readonly string[] Texts =
    [
        "the cat",
        "the dog ate the hat and the cat sat on the mat",
        "mat",
        "on the mat the",
        "the cat",
    ];

    [Fact, Trait("Category", "Golden")]
    public async Task The_real_encoder_s_vectors_are_the_reference_s_in_any_batch()
    {
        var folder = Path.Combine(GoldenFolder.Root, "..", "models", "all-MiniLM-L6-v2");
        Assert.SkipUnless(Directory.Exists(folder), "The model all-MiniLM-L6-v2 is not on this machine.");
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")));
        var sentences = json
            .RootElement.GetProperty("sentences")
            .EnumerateArray()
            .Select(s => s.GetString()!)
            .ToArray();
        using var encoder = SentenceEncoder.Load(folder, json.RootElement.GetProperty("max_length").GetInt32());
        using var generator = new SentenceEmbeddingGenerator(encoder);
        var vectors = await generator.GenerateAsync(sentences);
        using var file = SafetensorsFile.Open(Path.Combine(folder, "reference.safetensors"));
        using var expected = file.Read("embeddings");
        for (var row = 0; row < sentences.Length; row++)
        {
            var reference = expected[row].data<float>().ToArray();
            Assert.True(
                vectors[row].Vector.ToArray().Zip(reference, (a, b) => Math.Abs(a - b)).Max() <= 1e-3,
                $"sentence {row}"
            );
        }

        Assert.Equal(384, vectors[0].Dimensions);
        Assert.Equal(sentences.Sum(s => encoder.Tokenize(s).Length), vectors.Usage!.InputTokenCount);
        var (paris, pasta) = (
            (await generator.GenerateAsync("Hsiao Yun-Hwa was born in Taipei.")),
            await generator.GenerateAsync("I love pasta.")
        );
        var question = await generator.GenerateAsync("Where was Hsiao Yun-Hwa born?");
        Assert.True(Dot(question, paris) > Dot(question, pasta) + 0.3);
    }

    [Theory]
    [InlineData(PoolingMode.Mean)]
    [InlineData(PoolingMode.Last)]
    public async Task A_decoder_s_vector_is_its_pooled_hidden_state_alone_and_in_any_batch(PoolingMode mode)
    {
        using var model = Model();
        using var generator = new DecoderEmbeddingGenerator(model, new() { Pooling = mode, Normalize = false });
        var vectors = await generator.GenerateAsync(Texts);
        for (var row = 0; row < Texts.Length; row++)
        {
            using var scope = NewDisposeScope();
            var ids = Words.Encode(Texts[row]).Select(id => (long)id).ToArray();
            var hidden = model
                .Decoder.Forward(new() { TokenIds = tensor(ids, [1, ids.Length]), Logits = LogitsFor.None })
                .Hidden[0];
            var expected = (mode == PoolingMode.Mean ? hidden.mean([0]) : hidden[-1]).data<float>().ToArray();
            Assert.True(
                vectors[row].Vector.ToArray().Zip(expected, (a, b) => Math.Abs(a - b)).Max() < 1e-4,
                $"text {row}"
            );
        }
    }

    [Fact]
    public async Task Vectors_have_length_one_and_long_texts_are_cut()
    {
        using var model = Model();
        using var generator = new DecoderEmbeddingGenerator(model, new() { MaxTokens = 3 });
        var vectors = await generator.GenerateAsync(Texts);
        Assert.All(vectors, vector => Assert.Equal(1, Math.Sqrt(Dot(vector, vector)), 1e-5));
        Assert.True(vectors.Usage!.InputTokenCount <= 3 * Texts.Length);
        Assert.Equal(vectors[0].Vector.ToArray(), vectors[4].Vector.ToArray());
    }

    [Fact]
    public async Task What_a_local_model_cannot_do_is_refused()
    {
        using var model = Model();
        using var generator = new DecoderEmbeddingGenerator(model);
        Assert.Contains(
            "7 are not",
            (
                await Assert.ThrowsAsync<InputException>(() => generator.GenerateAsync(Texts, new() { Dimensions = 7 }))
            ).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "other",
            (
                await Assert.ThrowsAsync<InputException>(() =>
                    generator.GenerateAsync(Texts, new() { ModelId = "other" })
                )
            ).Message,
            StringComparison.Ordinal
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            generator.GenerateAsync(Texts, cancellationToken: new(canceled: true))
        );
        Assert.Equal(32, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        Assert.Same(model, generator.GetService<LanguageModel>());
        Assert.Empty(await generator.GenerateAsync(Array.Empty<string>()));
    }

    private static LanguageModel Model() =>
        new(new(DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 128), 11), Words, "tiny");

    private static double Dot(Embedding<float> a, Embedding<float> b) =>
        a.Vector.ToArray().Zip(b.Vector.ToArray(), (x, y) => (double)x * y).Sum();
}
