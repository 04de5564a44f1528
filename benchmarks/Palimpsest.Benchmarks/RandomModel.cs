using Palimpsest.Inference;

namespace Palimpsest.Benchmarks;

/// <summary>A decoder with random weights, and a tokenizer that stands in for one: only ids are measured.</summary>
internal static class RandomModel
{
    public static LanguageModel Build(ModelSize size)
    {
        var tokenizer = WordLevelTrainer.Train(["one two three"], new() { VocabularySize = 16 });
        return new(size.Build(), tokenizer, size.Name);
    }

    /// <summary>Greedy continuation of random prompts; every row takes all its steps.</summary>
    public static void Generate(LanguageModel model, ModelSize size, int batch, int prompt, int newTokens)
    {
        if (Continue(model, size, batch, prompt, newTokens) != batch * newTokens)
            throw new InvalidOperationException(
                $"A row of the {size.Name} model ended before {newTokens} tokens; take other weights."
            );
    }

    /// <summary>Greedy continuation of random prompts; gives the number of new tokens.</summary>
    public static int Continue(LanguageModel model, ModelSize size, int batch, int prompt, int newTokens)
    {
        var prompts = size.Tokens(batch, prompt, seed: 7)
            .Chunk(prompt)
            .Select(row => row.Select(id => (int)id).ToArray())
            .ToArray();
        return model
            .GenerateAsync(prompts, new() { MaxNewTokens = newTokens })
            .GetAwaiter()
            .GetResult()
            .Sum(row => row.Length);
    }
}
