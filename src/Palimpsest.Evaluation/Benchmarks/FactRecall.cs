namespace Palimpsest.Evaluation;

/// <summary>Asks each fact's question, and its other phrasings, and has a judge read the free replies.</summary>
/// <param name="options">Settings.</param>
/// <param name="judge">Judges replies; the alias judge where null.</param>
public sealed class FactRecall(RecallOptions options, IJudge? judge = null)
{
    private readonly IJudge _judge = judge ?? new AliasJudge();

    /// <summary>Asks and judges; questions in other words are a group of their own.</summary>
    /// <param name="model">The model.</param>
    /// <param name="facts">At least one.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <exception cref="InputException">There is no fact, or a question gives its own answer away.</exception>
    public async Task<RecallResult> RunAsync(
        ITextModel model,
        IReadOnlyList<Fact> facts,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(facts);
        if (facts.Count == 0)
            throw new InputException("Recall needs facts; there is none.");
        var asked = facts.SelectMany(Probes).ToArray();
        if (asked.FirstOrDefault(question => ProbeHygiene.GivesAway(question.Probe)) is { Probe: { } bad })
            throw new InputException(
                $"Fact '{bad.FactId}': the question '{bad.Text}' holds the answer or an alias of it; the reply would "
                    + $"prove nothing."
            );
        var replies = new List<string>();
        foreach (var part in asked.Chunk(options.BatchSize))
        {
            replies.AddRange(
                await model
                    .ReplyAsync(
                        [.. part.Select(question => (IReadOnlyList<Turn>)[Turn.User(question.Probe.Text)])],
                        new() { MaxNewTokens = options.MaxNewTokens, BatchSize = options.BatchSize },
                        cancellationToken
                    )
                    .ConfigureAwait(false)
            );
            progress?.Report(new("Recall", replies.Count, asked.Length));
        }

        var verdicts = await _judge
            .JudgeAsync([.. asked.Select(question => question.Probe)], replies, cancellationToken)
            .ConfigureAwait(false);
        return new(
            _judge.Name,
            [
                .. asked.Select(
                    (question, i) =>
                        new RecallItem(
                            question.Probe.FactId,
                            question.Group,
                            question.Probe.Text,
                            replies[i],
                            verdicts[i]
                        )
                ),
            ]
        );
    }

    private static IEnumerable<(string Group, SleekProbe Probe)> Probes(Fact fact)
    {
        var group = ChoiceQuestion.Name(fact.Scope);
        yield return (group, OfflineProbes.Direct(fact, 0, fact.Question));
        for (var i = 0; i < fact.Paraphrases.Count; i++)
            yield return (ChoiceQuestion.Rephrased(group), OfflineProbes.Direct(fact, i + 1, fact.Paraphrases[i]));
    }
}
