namespace Palimpsest.Evaluation;

/// <summary>How well a model knows facts: the probability of the true value among its candidates.</summary>
public static class FactKnowledge
{
    /// <summary>
    /// Per fact p(true) / Σ p(candidate), where p = e^(−mean NLL) of the full answer with the value put in. In [0, 1]; chance is
    /// one over the number of candidates.
    /// </summary>
    /// <exception cref="InputException">A fact has no candidate values, or its answer does not contain its object.</exception>
    public static async Task<double[]> ScoreAsync(IScoredModel model, IReadOnlyList<Fact> facts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        var answers = facts.Select(fact => fact.AnswersByCandidate()).ToArray();
        var sequences = facts.SelectMany((fact, i) => answers[i].Select(answer => model.EncodeAnswer(fact.Question, answer, i))).ToArray();
        var scores = await model.ScoreAsync(sequences, new() { BatchSize = 64 }, cancellationToken).ConfigureAwait(false);
        var next = 0;
        return [.. answers.Select(of =>
        {
            var probabilities = of.Select(_ => Math.Exp(-scores[next++].MeanNll)).ToArray();
            return probabilities[0] / probabilities.Sum();
        })];
    }
}
