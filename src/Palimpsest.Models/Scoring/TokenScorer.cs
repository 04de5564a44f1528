namespace Palimpsest.Models;

/// <summary>Teacher-forced log-probabilities: batches of like length, each prompt read once, logits of few tokens at a
/// time.</summary>
public static class TokenScorer
{
    private const int LeastShared = 4;

    /// <summary>Scores sequences; results are in the order of the input.</summary>
    /// <param name="decoder">The model; it is in its training mode again afterwards, where it was.</param>
    /// <param name="padId">The id that fills up rows.</param>
    /// <param name="sequences">Prompts with answers.</param>
    /// <param name="options">Batches, and what is computed.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">A sequence is longer than the model's positions.</exception>
    public static IReadOnlyList<TokenScores> Score(
        CausalLM decoder,
        int padId,
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        CancellationToken cancellationToken
    )
    {
        sequences = StepScorer.Read(sequences, decoder.Config.LongestSequence);
        var results = new TokenScores[sequences.Count];
        using var evaluation = decoder.Evaluate();
        var groups = Enumerable
            .Range(0, sequences.Count)
            .GroupBy(i => PromptKey(decoder, sequences[i], i))
            .Select(group => group.ToArray())
            .ToArray();
        new SharedPromptScorer(decoder, padId, sequences, options).Score(
            groups.Where(group => group.Length > 1),
            results,
            cancellationToken
        );
        foreach (
            var rows in groups
                .Where(group => group.Length == 1)
                .Select(group => group[0])
                .OrderByDescending(i => sequences[i].Ids.Length)
                .Chunk(options.BatchSize)
        )
        {
            cancellationToken.ThrowIfCancellationRequested();
            ScoreBatch(decoder, padId, rows, sequences, options, results);
        }

        return results;
    }

    /// <summary>
    /// Equal for sequences whose prompt is read once for all: one that is too short to pay stands alone, and so do all
    /// of a model whose angles depend on the length of the whole sequence.
    /// </summary>
    private static string PromptKey(CausalLM decoder, TokenSequence sequence, int index) =>
        sequence.LabelStart < LeastShared
        || decoder.Config.RopeScaling?.Kind is RopeScalingKind.Dynamic or RopeScalingKind.LongRope
            ? $"alone {index}"
            : $"{sequence.Flag}: {string.Join(' ', sequence.Ids.AsSpan(0, sequence.LabelStart).ToArray())}";

    private static void ScoreBatch(
        CausalLM decoder,
        int padId,
        int[] rows,
        IReadOnlyList<TokenSequence> sequences,
        ScoreOptions options,
        TokenScores[] results
    )
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        TokenSequence[] chosen = [.. rows.Select(i => sequences[i])];
        using var batch = TokenBatch.Collate(chosen, padId, device: decoder.Device);
        var equal = chosen.All(s => s.Ids.Length == chosen[0].Ids.Length);
        var hidden = decoder
            .Forward(
                new()
                {
                    TokenIds = batch.Ids,
                    AttentionMask = equal ? null : batch.AttentionMask,
                    AnswerMask = batch.LabelMask,
                    Flags = batch.Flags,
                    Logits = LogitsFor.None,
                }
            )
            .Hidden;
        var flat = batch.LabelMask.reshape(-1).nonzero().reshape(-1);
        var scores = LabelScores.Of(
            decoder,
            hidden.reshape(-1, hidden.shape[2]).index_select(0, flat - 1), // token t is predicted at t − 1
            batch.Ids.reshape(-1).index_select(0, flat),
            options.VocabularyMoments
        );
        var at = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var count = Math.Max(0, chosen[i].LabelCount);
            results[rows[i]] = scores.Slice(at..(at + count));
            at += count;
        }
    }
}
