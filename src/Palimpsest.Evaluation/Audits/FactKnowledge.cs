namespace Palimpsest.Evaluation;

/// <summary>How well a model knows facts: the probability of the true value among its candidates.</summary>
public static class FactKnowledge
{
    /// <summary>
    /// Per fact p(true) / Σ p(candidate), where p = e^(−mean NLL) of the full answer with the value put in. In [0, 1];
    /// chance is one over the number of candidates.
    /// </summary>
    /// <exception cref="InputException">A fact has no candidate values, or its answer does not contain its
    /// object.</exception>
    public static async Task<double[]> ScoreAsync(
        IScoredModel model,
        IReadOnlyList<Fact> facts,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(facts);
        var shares = await SharesAsync(model, [.. facts.Select(fact => (fact, fact.Question))], cancellationToken)
            .ConfigureAwait(false);
        return [.. shares.Select(share => share[0])];
    }

    /// <summary>The share that a guess among its candidates gets: one over their number.</summary>
    public static double ChanceOf(Fact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return 1.0 / fact.Candidates.Append(fact.Object).Distinct().Count();
    }

    /// <summary>Facts whose knowledge can be measured: those with another candidate value.</summary>
    public static IReadOnlyList<Fact> Measurable(IEnumerable<Fact> facts) =>
        [.. facts.Where(fact => fact.Candidates.Any(candidate => candidate != fact.Object))];

    /// <summary>The share of each candidate's probability after a question, the true one first.</summary>
    /// <param name="model">Scores.</param>
    /// <param name="asked">Facts with the question that is asked.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">A fact has no candidate values, or its answer does not contain its
    /// object.</exception>
    internal static async Task<IReadOnlyList<double[]>> SharesAsync(
        IScoredModel model,
        IReadOnlyList<(Fact Fact, string Question)> asked,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        var answers = asked.Select(question => question.Fact.AnswersByCandidate()).ToArray();
        var sequences = asked
            .SelectMany((question, i) => answers[i].Select(answer => model.EncodeAnswer(question.Question, answer, i)))
            .ToArray();
        var scores = await model
            .ScoreAsync(sequences, new() { BatchSize = 64 }, cancellationToken)
            .ConfigureAwait(false);
        var next = 0;
        return
        [
            .. answers.Select(of =>
            {
                var probabilities = of.Select(_ => Math.Exp(-scores[next++].MeanNll)).ToArray();
                var sum = probabilities.Sum();
                return probabilities.Select(probability => probability / sum).ToArray();
            }),
        ];
    }
}
