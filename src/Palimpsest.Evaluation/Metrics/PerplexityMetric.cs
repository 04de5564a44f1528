namespace Palimpsest.Evaluation;

/// <summary>Perplexity of running text, read in blocks that do not overlap.</summary>
/// <remarks>The text is one stream of tokens without added special tokens; a rest shorter than a block is left
/// out.</remarks>
public static class PerplexityMetric
{
    /// <summary>e^(Σ NLL / tokens) over all predicted tokens; every token weighs the same.</summary>
    /// <param name="scores">What the model gave to each block, at least one token in all.</param>
    public static PerplexityResult Of(IReadOnlyList<TokenScores> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var tokens = scores.Sum(block => block.LogProbabilities.Length);
        ArgumentOutOfRangeException.ThrowIfZero(tokens, nameof(scores));
        var mean = -scores.Sum(block => block.LogProbabilities.Sum(p => (double)p)) / tokens;
        return new(Math.Exp(mean), mean, tokens, scores.Count);
    }

    /// <summary>Measures a model on a text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">At least one block of tokens.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">The text is shorter than one block, or a block longer than the model's
    /// positions.</exception>
    public static async Task<PerplexityResult> RunAsync(
        IScoredModel model,
        string text,
        PerplexityOptions options,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (options.BlockTokens > model.MaxTokens)
            throw new InputException(
                $"Blocks of {options.BlockTokens} tokens; the model has {model.MaxTokens} " + $"positions."
            );
        var ids = model.Tokenizer.Encode(text, addSpecialTokens: false);
        var blocks = ids.Chunk(options.BlockTokens)
            .Where(block => block.Length == options.BlockTokens)
            .Take(options.MaxBlocks ?? int.MaxValue)
            .Select((block, i) => new TokenSequence(block, 1, i))
            .ToArray();
        if (blocks.Length == 0)
            throw new InputException(
                $"The text has {ids.Length} tokens; perplexity needs at least one block of {options.BlockTokens}."
            );
        var scores = new List<TokenScores>();
        foreach (var part in blocks.Chunk(options.BatchSize))
        {
            scores.AddRange(
                await model
                    .ScoreAsync(part, new() { BatchSize = options.BatchSize }, cancellationToken)
                    .ConfigureAwait(false)
            );
            progress?.Report(new("Perplexity", scores.Count, blocks.Length));
        }

        return Of(scores);
    }
}
