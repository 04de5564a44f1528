using Palimpsest.Inference;

namespace Palimpsest.Cli.Tests;

/// <summary>A tiny model with random weights, to talk to.</summary>
internal static class TinyChatModel
{
    public static LanguageModel Create(int positions)
    {
        var words = BpeTrainer.Train(
            ["the cat sat on the mat and the dog ate the hat"],
            new() { VocabularySize = 290, LeastCount = 1 }
        );
        return new(
            new(
                DecoderConfig.TinyLlama(words.VocabularySize, 32, 2, 4, 2, 64, positions) with
                {
                    InitializerRange = 0.3,
                },
                3
            ),
            words,
            "tiny"
        );
    }
}
