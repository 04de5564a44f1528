namespace Palimpsest.Inference.Tests;

/// <summary>Models of two layers with random weights and one tokenizer.</summary>
internal static class TinyModels
{
    public static Tokenizer Words { get; } =
        BpeTrainer.Train(
            ["the cat sat on the mat and the dog ate the hat"],
            new() { VocabularySize = 290, LeastCount = 1 }
        );

    public static LanguageModel New(ulong seed, int positions = 160) =>
        new(
            new(
                DecoderConfig.TinyLlama(Words.VocabularySize, 32, 2, 4, 2, 64, positions) with
                {
                    InitializerRange = 0.3,
                },
                seed
            ),
            Words,
            "tiny"
        );
}
