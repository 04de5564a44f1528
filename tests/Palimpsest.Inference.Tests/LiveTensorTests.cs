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
