namespace Palimpsest.Inference;

/// <summary>The one loop of decoding: prompts are read, then one token per row and step; rows that have ended leave
/// the batch.</summary>
/// <remarks>
/// Prompts of like length share a batch and are padded on the left. A row's tokens depend on its prompt, the options
/// and the seed, not on the rows beside it. Long prompts are read in parts, between which a call can be cancelled.
/// </remarks>
/// <param name="model">Reads tokens and gives logits.</param>
/// <param name="tokenizer">Decodes, for stop texts.</param>
/// <param name="endTokens">Ids that end a row beside those of the options.</param>
/// <param name="padId">Fills up prompts.</param>
public sealed class TokenGenerator(IStepModel model, Tokenizer tokenizer, IReadOnlySet<int> endTokens, int padId)
{
    /// <summary>Continues every prompt.</summary>
    /// <param name="prompts">All of token ids, or all of embeddings.</param>
    /// <param name="options">How.</param>
    /// <param name="onToken">Told each new token with its row; null tells nobody.</param>
    /// <param name="cancellationToken">Stops between tokens and between parts of a prompt.</param>
    /// <returns>In the order of the prompts; texts where there are stop texts.</returns>
    /// <exception cref="InputException">A prompt is empty or as long as the model's positions, or ids and embeddings
    /// are mixed.</exception>
    public IReadOnlyList<GeneratedRow> Run(
        IReadOnlyList<Prompt> prompts,
        GenerationOptions options,
        Action<int, int>? onToken = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        Check(prompts);
        var results = new GeneratedRow[prompts.Count];
        foreach (
            var indices in Enumerable
                .Range(0, prompts.Count)
                .OrderBy(index => prompts[index].Length)
                .Chunk(options.BatchSize)
        )
        {
            GenerationRow[] rows =
            [
                .. indices.Select(index =>
                    NewRow(prompts[index], options, index, onToken is null ? null : (id, _) => onToken(index, id))
                ),
            ];
            using var batch = new RowBatch(model, rows, padId);
            while (batch.Active > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                batch.Advance();
            }

            for (var i = 0; i < rows.Length; i++)
                results[indices[i]] = rows[i].Finish();
        }

        return results;
    }

    /// <summary>Refuses prompts that cannot be continued.</summary>
    /// <exception cref="InputException">One is empty or as long as the model's positions, or ids and embeddings are
    /// mixed.</exception>
    internal void Check(IReadOnlyList<Prompt> prompts)
    {
        for (var row = 0; row < prompts.Count; row++)
        {
            if (prompts[row].Length == 0)
                throw new InputException($"Prompt {row} has no token.");
            if (prompts[row].Length >= model.MaxTokens)
                throw new InputException(
                    $"Prompt {row} has {prompts[row].Length} tokens; the model has {model.MaxTokens} positions, one of "
                        + $"them for the answer."
                );
            if (prompts[row].Embeddings is null != prompts[0].Embeddings is null)
                throw new InputException(
                    $"Prompt {row} is of another kind than prompt 0: ids and embeddings are mixed."
                );
        }
    }

    /// <summary>A row that is not decoded yet.</summary>
    /// <param name="prompt">What it goes on from.</param>
    /// <param name="options">How.</param>
    /// <param name="index">Its place in the batch, on which its draws depend.</param>
    /// <param name="onToken">Told each new token, with the text that can be shown now.</param>
    /// <param name="wantsText">Whether its text is wanted even where nothing can stop at it.</param>
    /// <param name="cancellationToken">Ends it before its next token.</param>
    internal GenerationRow NewRow(
        Prompt prompt,
        GenerationOptions options,
        int index,
        Action<int, string>? onToken,
        bool wantsText = false,
        CancellationToken cancellationToken = default
    )
    {
        var exact = options.LogitProcessors.OfType<OutputConstraint>().FirstOrDefault()?.NewStream(tokenizer);
        var start = new RowStart(
            prompt.Ids,
            Math.Min(options.MaxNewTokens, model.MaxTokens - prompt.Length),
            options.StopTokens.Count == 0 ? endTokens : endTokens.Concat(options.StopTokens).ToHashSet()
        );
        return new(prompt, options)
        {
            EndTokens = start.EndTokens,
            Sampler = TokenSampler.IsNeeded(options)
                ? new(options, SeededRandom.Derive(options.Seed, (ulong)index), start)
                : null,
            Text =
                wantsText || exact is not null || options.StopStrings.Count > 0
                    ? new(tokenizer, options.StopStrings, exact)
                    : null,
            OnToken = onToken,
            Cancellation = cancellationToken,
        };
    }
}
