namespace Palimpsest.Inference.Tests;

/// <summary>A tap that silences an expert does what taking its weights away does, wherever the model is used.</summary>
public sealed class TapsInGenerationTests : IDisposable
{
    private static readonly GenerationOptions Options = new() { MaxNewTokens = 20 };

    private readonly LanguageModel _tapped = New();
    private readonly LanguageModel _silent = New();
    private readonly IDisposable _attached;

    public TapsInGenerationTests()
    {
        _attached = _tapped.Decoder.Attach(new Silence(new(1, TapPoint.ExpertOutput, 2)));
        var down = _silent.Decoder.Projections.Single(p => p is { Layer: 1, Expert: 2, Name: "w2" });
        using var grad = no_grad();
        using var weight = down.WritableWeight();
        weight.zero_();
    }

    public void Dispose()
    {
        _attached.Dispose();
        _tapped.Dispose();
        _silent.Dispose();
    }

    [Fact]
    public async Task In_batched_and_streamed_generation()
    {
        int[][] prompts =
        [
            .. new[] { 4, 9, 6, 13 }.Select(
                (length, row) => Enumerable.Range(0, length).Select(i => 5 + (row * 31 + i * 17) % 200).ToArray()
            ),
        ];
        using var plain = New();
        var expected = await _silent.GenerateAsync(prompts, Options);
        Assert.Equal(expected, await _tapped.GenerateAsync(prompts, Options));
        Assert.NotEqual(expected, await plain.GenerateAsync(prompts, Options));
        for (var row = 0; row < prompts.Length; row++)
        {
            var text = "";
            await foreach (var piece in _tapped.StreamAsync(prompts[row], Options))
                text += piece;
            Assert.Equal(TinyModels.Words.Decode(expected[row]), text);
        }
    }

    [Fact]
    public void In_scoring()
    {
        TokenSequence[] rows =
        [
            .. Enumerable.Range(0, 5).Select(i => new TokenSequence([20, 9, 33, 7, 51, 8, 40 + i, 60], 3 + i % 3, i)),
        ];
        double[] Score(LanguageModel model) =>
            [.. TokenScorer.Score(model.Decoder, 0, rows, new(), CancellationToken.None).Select(s => s.MeanNll)];
        var (expected, actual) = (Score(_silent), Score(_tapped));
        for (var row = 0; row < rows.Length; row++)
            Assert.Equal(expected[row], actual[row], 1e-5);
    }

    [Fact]
    public void In_training()
    {
        using var scope = NewDisposeScope();
        var batch = TokenBatch.Collate([new([20, 9, 33, 7, 51, 8, 40, 60], 3), new([21, 9, 30, 7, 50], 2)], 0);
        Tensor?[] Gradients(LanguageModel model)
        {
            TokenNll.PerToken(model.Decoder, batch).sum().backward();
            return [.. model.Decoder.ParameterRefs.Select(p => p.Gradient())];
        }

        var (expected, actual) = (Gradients(_silent), Gradients(_tapped));
        var compared = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var reference = _tapped.Decoder.ParameterRefs[i];
            if (reference is { Layer: 1, Expert: 2 })
            {
                Assert.True(actual[i] is null || actual[i]!.abs().max().item<float>() == 0, reference.Name);
                continue;
            }

            if (expected[i] is null)
                continue;
            Assert.True((expected[i]! - actual[i]!).abs().max().item<float>() < 1e-4f, reference.Name);
            compared++;
        }

        Assert.True(compared > 20);
    }

    private static LanguageModel New() =>
        new(
            new(
                DecoderConfig.TinyLlama(TinyModels.Words.VocabularySize, 32, 2, 4, 2, 48) with
                {
                    Family = "mixtral",
                    InitializerRange = 0.3,
                    Experts = new()
                    {
                        Count = 3,
                        PerToken = 2,
                        IntermediateSize = 24,
                        NormalizeChosen = true,
                    },
                },
                seed: 5
            ),
            TinyModels.Words,
            "tiny"
        );

    private sealed class Silence(TapSite site) : ITap
    {
        public IReadOnlyList<TapSite> Sites => [site];

        public Tensor Apply(Tensor activation, in TapContext context) => zeros_like(activation);
    }
}
