namespace Palimpsest.Models;

/// <summary>Teacher-forced log-probabilities of a model that is known by its steps alone; logits of few tokens exist
/// at a time.</summary>
public static class StepScorer
{
    private const long MostLogits = 1 << 22;

    /// <summary>Sequences as scoring reads them: predicted is every token from the label's start on, whichever of them
    /// training learns.</summary>
    /// <exception cref="InputException">One is longer than the model's positions.</exception>
    internal static IReadOnlyList<TokenSequence> Read(IReadOnlyList<TokenSequence> sequences, int positions)
    {
        foreach (var sequence in sequences)
        {
            if (sequence.Ids.Length > positions)
                throw new InputException(
                    $"Row {sequence.Row}: {sequence.Ids.Length} tokens; the model has {positions} positions."
                );
        }

        return [.. sequences.Select(sequence => sequence.Labels is null ? sequence : sequence with { Labels = null })];
    }

    /// <summary>Scores sequences; results are in the order of the input.</summary>
    /// <param name="model">Reads the sequences.</param>
    /// <param name="padId">Fills up batches.</param>
    /// <param name="sequences">What is scored.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">A sequence is longer than the model's positions.</exception>
    public static IReadOnlyList<TokenScores> Score(
        IStepModel model,
        int padId,
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken
    )
    {
        sequences = Read(sequences, model.MaxTokens);
        var results = new TokenScores[sequences.Count];
        foreach (
            var rows in Enumerable
                .Range(0, sequences.Count)
                .OrderByDescending(i => sequences[i].Ids.Length)
                .Chunk(options.BatchSize)
        )
        {
            TokenSequence[] chosen = [.. rows.Select(i => sequences[i])];
            var scored = ScoreBatch(model, padId, chosen, options.VocabularyMoments, cancellationToken);
            for (var i = 0; i < rows.Length; i++)
                results[rows[i]] = scored[i];
        }

        return results;
    }

    private static TokenScores[] ScoreBatch(
        IStepModel model,
        int padId,
        TokenSequence[] sequences,
        bool moments,
        CancellationToken cancellationToken
    )
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var tokens = TokenBatch.Collate(sequences, padId, device: model.Device);
        // The last token predicts nothing that is known.
        var width = (int)tokens.Ids.shape[1] - 1;
        var parts = sequences.Select(_ => new List<TokenScores>()).ToArray();
        if (width == 0)
            return [.. parts.Select(Joined)];
        var padded = sequences.Any(sequence => sequence.Ids.Length != width + 1);
        using var batch = model.NewBatch(sequences.Length, width);
        var part = model.ReadsInParts
            ? (int)Math.Clamp(MostLogits / ((long)sequences.Length * model.VocabularySize), 1, width)
            : width;
        for (var start = 0; start < width; start += part)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var count = Math.Min(part, width - start);
            var logits = batch.Read(
                new()
                {
                    TokenIds = tokens.Ids.narrow(1, start, count),
                    RealTokens = padded ? tokens.AttentionMask.narrow(1, start, count) : null,
                    AllPositions = true,
                }
            );
            // Token t is predicted at t − 1.
            var flat = tokens.LabelMask.narrow(1, start + 1, count).reshape(-1).nonzero().reshape(-1);
            var scores = LabelScores.Of(
                logits.reshape(-1, logits.shape[2]).index_select(0, flat),
                tokens.Ids.narrow(1, start + 1, count).reshape(-1).index_select(0, flat),
                moments
            );
            var at = 0;
            for (var row = 0; row < sequences.Length; row++)
            {
                var first = Math.Max(Math.Max(sequences[row].LabelStart, 1), start + 1);
                var found = Math.Max(0, Math.Min(sequences[row].Ids.Length, start + 1 + count) - first);
                parts[row].Add(scores.Slice(at..(at + found)));
                at += found;
            }
        }

        return [.. parts.Select(Joined)];
    }

    private static TokenScores Joined(List<TokenScores> parts) =>
        new(
            [.. parts.SelectMany(part => part.LogProbabilities)],
            [.. parts.SelectMany(part => part.Greedy)],
            [.. parts.SelectMany(part => part.Mean)],
            [.. parts.SelectMany(part => part.Deviation)]
        );
}
