namespace Palimpsest.Samples;

/// <summary>What a model knows: multiple choice, free answers, and how well it predicts running text.</summary>
internal sealed record Measurement(ChoiceResult Choice, RecallResult Recall, PerplexityResult? Perplexity)
{
    public static async Task<Measurement> OfAsync(
        LanguageModel model,
        IReadOnlyList<Fact> facts,
        Settings settings,
        IProgress<TaskProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var choice = await MultipleChoice.RunAsync(
            model,
            [.. facts.SelectMany(ChoiceQuestion.Of)],
            new(),
            progress,
            cancellationToken
        );
        var recall = await new FactRecall(new()).RunAsync(model, facts, progress, cancellationToken);
        var perplexity = settings.WikiText is null
            ? null
            : await PerplexityMetric.RunAsync(
                model,
                TextFile.Read(settings.WikiText),
                new() { MaxBlocks = settings.PerplexityBlocks },
                progress,
                cancellationToken
            );
        return new(choice, recall, perplexity);
    }

    /// <summary>
    /// What an audit can measure: facts to be forgotten that the model showed, by choice or in a free answer, and
    /// others that it says in a free answer.
    /// </summary>
    public IReadOnlyList<Fact> Known(IReadOnlyList<Fact> facts)
    {
        var chosen = Choice.Items.Where(item => item.IsRight).Select(item => item.Id).ToHashSet(StringComparer.Ordinal);
        var said = Recall
            .Items.Where(item => item.Verdict == Verdict.Stated)
            .Select(item => item.FactId)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. facts.Where(fact =>
                said.Contains(fact.Id) || (fact.Scope == FactScope.Forget && chosen.Contains(fact.Id))
            ),
        ];
    }
}
