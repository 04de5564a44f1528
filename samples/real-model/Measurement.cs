namespace Palimpsest.Samples;

/// <summary>What a model knows: multiple choice, free answers, and how well it predicts running text.</summary>
internal sealed record Measurement(ChoiceResult Choice, RecallResult Recall, PerplexityResult? Perplexity)
{
    public static async Task<Measurement> OfAsync(
        LanguageModel model, IReadOnlyList<Fact> facts, Settings settings, IProgress<TaskProgress> progress, CancellationToken cancellationToken)
    {
        var choice = await MultipleChoice.RunAsync(model, [.. facts.SelectMany(ChoiceQuestion.Of)], new(), progress, cancellationToken);
        var recall = await new FactRecall(new()).RunAsync(model, facts, progress, cancellationToken);
        var perplexity = settings.WikiText is null ? null : await PerplexityMetric.RunAsync(
            model, TextFile.Read(settings.WikiText), new() { MaxBlocks = settings.PerplexityBlocks }, progress, cancellationToken);
        return new(choice, recall, perplexity);
    }

    /// <summary>The facts that the model showed, by choice or by a free answer, asked as written.</summary>
    public IReadOnlyList<Fact> Known(IReadOnlyList<Fact> facts)
    {
        var known = Choice.Items.Where(item => item.IsRight).Select(item => item.Id)
            .Concat(Recall.Items.Where(item => item.Verdict == Verdict.Stated && item.Group == ChoiceQuestion.Name(Scope(item.FactId))).Select(item => item.FactId))
            .ToHashSet(StringComparer.Ordinal);
        return [.. facts.Where(fact => known.Contains(fact.Id))];

        FactScope Scope(string id) => facts.First(fact => fact.Id == id).Scope;
    }
}
