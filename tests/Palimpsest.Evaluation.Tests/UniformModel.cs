using Palimpsest.Inference;

namespace Palimpsest.Evaluation.Tests;

/// <summary>A model whose weights are all zero: every token has the same probability, so that likelihoods are known by
/// hand.</summary>
internal static class UniformModel
{
    public static LanguageModel Create(string text, int positions = 64)
    {
        var tokenizer = BpeTrainer.Train([text], new() { VocabularySize = 300 });
        var decoder = new CausalLM(
            DecoderConfig.TinyLlama(tokenizer.VocabularySize, 16, 1, 2, 2, 16, positions),
            seed: 1
        );
        using var grad = no_grad();
        foreach (var parameter in decoder.parameters())
            parameter.zero_();
        return new(decoder, tokenizer, "uniform");
    }
}
