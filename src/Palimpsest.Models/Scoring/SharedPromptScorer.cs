namespace Palimpsest.Models;

/// <summary>Scores several answers to one prompt: the prompt is read once, the answers go on from its cache.</summary>
/// <remarks>
/// Prompts of like length are read together, padded on the left so that all end in the same column. Their answers are
/// then batched by length, whichever prompt they belong to.
/// </remarks>
internal sealed class SharedPromptScorer(
    CausalLM decoder,
    int padId,
    IReadOnlyList<TokenSequence> sequences,
    ScoreOptions options
)
{
    private const int BatchesPerPrompts = 2;

    /// <summary>Fills in the results of groups of sequences with a common prompt.</summary>
    /// <param name="groups">Indices of sequences; a group's have the same ids before the label.</param>
    /// <param name="results">By index of the sequence.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public void Score(IEnumerable<int[]> groups, TokenScores[] results, CancellationToken cancellationToken)
    {
        foreach (
            var together in groups
                .OrderByDescending(group => sequences[group[0]].LabelStart)
                .Chunk(BatchesPerPrompts * options.BatchSize)
        )
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            using var prompts = TokenBatch.Collate(
                [.. together.Select(Prompt)],
                padId,
                PaddingSide.Left,
                decoder.Device
            );
            using var cache = new KvCache(decoder.Config, together.Length, (int)prompts.Ids.shape[1], decoder.Device);
            var padded = together.Any(group => sequences[group[0]].LabelStart != prompts.Ids.shape[1]);
            var hidden = decoder
                .Forward(
                    new()
                    {
                        TokenIds = prompts.Ids,
                        AttentionMask = padded ? prompts.AttentionMask : null,
                        Cache = cache,
                        Flags = prompts.Flags,
                        Logits = LogitsFor.None,
                    }
                )
                .Hidden;
            var last = hidden.select(1, hidden.shape[1] - 1); // [G, D]
            var answers = together
                .Index()
                .SelectMany(group => group.Item.Select(row => new Answer(row, group.Index, sequences[row].LabelCount)));
            foreach (var batch in answers.OrderByDescending(answer => answer.Count).Chunk(options.BatchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                ScoreAnswers(batch, cache, last, prompts.AttentionMask, padded, results);
            }
        }
    }

    private TokenSequence Prompt(int[] group)
    {
        var first = sequences[group[0]];
        return new(first.Ids[..first.LabelStart], first.LabelStart, first.Row) { Flag = first.Flag };
    }

    private void ScoreAnswers(
        Answer[] answers,
        KvCache prompts,
        Tensor last,
        Tensor promptMask,
        bool padded,
        TokenScores[] results
    )
    {
        using var scope = NewDisposeScope();
        var of = answers.Select(answer => (long)answer.Prompt).ToArray();
        var index = tensor(of, device: decoder.Device);
        using var batch = TokenBatch.Collate(
            [
                .. answers.Select(answer => new TokenSequence(
                    sequences[answer.Row].Ids[sequences[answer.Row].LabelStart..],
                    0
                )),
            ],
            padId,
            device: decoder.Device
        );
        var hidden = last.index_select(0, index).unsqueeze(1); // [B, 1, D], predicts the first token
        var width = (int)batch.Ids.shape[1] - 1;
        if (width > 0)
        {
            using var cache = prompts.Fork();
            cache.SelectRows(of);
            var whole = !padded && answers.All(answer => answer.Count == answers[0].Count);
            var read = decoder
                .Forward(
                    new()
                    {
                        TokenIds = batch.Ids.narrow(1, 0, width),
                        AttentionMask = whole
                            ? null
                            : cat([promptMask.index_select(0, index), batch.AttentionMask.narrow(1, 0, width)], 1),
                        AnswerMask = batch.AttentionMask.narrow(1, 0, width),
                        Cache = cache,
                        Logits = LogitsFor.None,
                    }
                )
                .Hidden;
            hidden = cat([hidden, read], 1); // [B, T, D]
        }

        var flat = batch.AttentionMask.reshape(-1).nonzero().reshape(-1);
        var scores = LabelScores.Of(
            decoder,
            hidden.reshape(-1, hidden.shape[2]).index_select(0, flat),
            batch.Ids.reshape(-1).index_select(0, flat),
            options.VocabularyMoments
        );
        var at = 0;
        foreach (var answer in answers)
        {
            results[answer.Row] = scores.Slice(at..(at + answer.Count));
            at += answer.Count;
        }
    }

    private sealed record Answer(int Row, int Prompt, int Count);
}
