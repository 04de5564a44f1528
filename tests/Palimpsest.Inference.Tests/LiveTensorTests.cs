namespace Palimpsest.Inference.Tests;

/// <summary>Counts tensors of the whole process, so that nothing runs beside it.</summary>
[CollectionDefinition(nameof(LiveTensorTests), DisableParallelization = true)]
[Collection(nameof(LiveTensorTests))]
public sealed class LiveTensorTests : IDisposable
{
    private static readonly Tokenizer Words = BpeTrainer.Train(
        ["the cat sat on the mat and the dog ate the hat"],
        new() { VocabularySize = 290, LeastCount = 1 }
    );

    private readonly LanguageModel _model = new(
        new(DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, 128), 11),
        Words,
        "tiny"
    );

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_hundred_generated_tokens_leave_none(bool heldAsCodes)
    {
        if (heldAsCodes)
            QuantizedModel.Hold(_model.Decoder, new());
        int[][] prompts = [Words.Encode("the cat")];
        var options = new GenerationOptions { MaxNewTokens = 100 };
        await _model.GenerateAsync(prompts, options);
        var before = Tensor.TotalCount;
        await _model.GenerateAsync(prompts, options);
        await _model.GenerateAsync(prompts, options);
        Assert.InRange(Tensor.TotalCount - before, -1000, 2);
    }

    [Fact]
    public async Task Flagged_prompts_with_noise_and_a_codebook_leave_none()
    {
        using var codebook = GraceCodebook.Attach(
            _model.Decoder,
            "edits",
            new() { Projection = "model.layers.0.mlp.down_proj", Replaces = GraceReplacement.LastPromptTokenOnwards }
        );
        using (var query = codebook.Query(Words.Encode("the cat")))
            codebook.Add(query, [5, 6]);
        using var attached = _model.Decoder.Attach(new EmbeddingNoise(new() { Deviation = 0.01 }));
        Prompt[] prompts = [new(Words.Encode("the cat")) { Flag = 3 }, new(Words.Encode("the dog ate"))];
        var options = new GenerationOptions { MaxNewTokens = 60 };
        await _model.ContinueAsync(prompts, options);
        var before = Tensor.TotalCount;
        await _model.ContinueAsync(prompts, options);
        await _model.ContinueAsync(prompts[..1], options);
        Assert.InRange(Tensor.TotalCount - before, -1000, 2);
    }

    [Fact]
    public async Task Embeddings_leave_none()
    {
        using var generator = new DecoderEmbeddingGenerator(_model);
        string[] texts = ["the cat", "the dog ate the hat and the cat sat on the mat", "mat"];
        await generator.GenerateAsync(texts);
        var before = Tensor.TotalCount;
        for (var i = 0; i < 20; i++)
            await generator.GenerateAsync(texts);
        Assert.InRange(Tensor.TotalCount - before, -1000, 2);
    }
}
