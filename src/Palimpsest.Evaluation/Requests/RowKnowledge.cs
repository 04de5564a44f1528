namespace Palimpsest.Evaluation;

/// <summary>How well a model knows the answers of rows.</summary>
/// <param name="Right">Answers of which every token is the most likely one, given those before it.</param>
/// <param name="Probability">Mean over rows of the answer's probability per token (the geometric mean of its tokens'),
/// in [0, 1].</param>
public sealed record RowKnowledge(Rate Right, MeasuredLevel Probability)
{
    private static readonly ScoreOptions Scoring = new() { BatchSize = 32 };

    /// <summary>Measures sets of rows in one pass.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sets">Encoded questions with answers, at least one row each.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>One for each set.</returns>
    public static async Task<IReadOnlyList<RowKnowledge>> MeasureAsync(
        IScoredModel model,
        IReadOnlyList<IReadOnlyList<TokenSequence>> sets,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sets);
        TokenSequence[] all = [.. sets.SelectMany(rows => rows)];
        var scores = await model.ScoreAsync(all, Scoring, cancellationToken).ConfigureAwait(false);
        var (found, start) = (new List<RowKnowledge>(), 0);
        foreach (var rows in sets)
        {
            TokenScores[] own = [.. scores.Skip(start).Take(rows.Count)];
            start += rows.Count;
            found.Add(
                new(
                    new(own.Zip(rows).Count(pair => IsRight(pair.First, pair.Second)), rows.Count),
                    MeasuredLevel.FromValues([
                        .. own.Select(score => Math.Exp(score.LogProbabilities.Average(value => (double)value))),
                    ])
                )
            );
        }

        return found;
    }

    private static bool IsRight(TokenScores scores, TokenSequence row) =>
        scores.Greedy.AsSpan().SequenceEqual(row.Ids.AsSpan(Math.Max(row.LabelStart, 1)));
}
