namespace Palimpsest.Samples;

/// <summary>The stages in their order; each leaves its result in the run folder.</summary>
internal static class Job
{
    public static async Task<int> RunAsync(Settings settings, string folder, CancellationToken cancellationToken)
    {
        var store = new StageStore(folder, settings, Console.WriteLine);
        var progress = new ConsoleProgress();
        var facts = FactFile.Read(settings.Probes);
        using var original = LanguageModel.Load(settings.Model, cancellationToken: cancellationToken);
        var before = await store.GetAsync(
            "before",
            () => Measurement.OfAsync(original, facts, settings, progress, cancellationToken)
        );

        Task<IReadOnlyList<QuestionAnswer>> Texts(FactScope scope) =>
            store.GetAsync(
                $"texts-{ChoiceQuestion.Name(scope)}",
                () =>
                    WrittenTexts.WriteAsync(
                        original,
                        [.. facts.Where(fact => fact.Scope == scope)],
                        settings,
                        cancellationToken
                    )
            );
        var forget = await Texts(FactScope.Forget);
        var retain = await Texts(FactScope.Retain);

        await store.GetAsync(
            "forgetting",
            () => Forgetting.RunAsync(original, forget, retain, settings, store, progress, cancellationToken)
        );
        var hash = await store.GetAsync(
            "merging",
            () => Task.Run(() => Forgetting.Merge(original, store, cancellationToken), cancellationToken)
        );
        using var candidate = LanguageModel.Load(
            store.FileOf(Forgetting.MergedName),
            cancellationToken: cancellationToken
        );
        var after = await store.GetAsync(
            "after",
            () => Measurement.OfAsync(candidate, facts, settings, progress, cancellationToken)
        );
        var audit = await store.GetAsync(
            "audit",
            () =>
                Attack.RunAsync(
                    original,
                    candidate,
                    before.Known(facts),
                    settings,
                    hash,
                    store.Within("audit"),
                    progress,
                    cancellationToken
                )
        );
        var results = new RunResults(facts, before, after, audit, (forget.Count, retain.Count));
        Write(original.Name, results, settings, store);
        return 0;
    }

    private static void Write(string model, RunResults results, Settings settings, StageStore store)
    {
        var (_, before, after, audit, _) = results;
        AuditFiles.Write(audit, store.FileOf("audit"));
        var perplexity =
            before.Perplexity is { } old && after.Perplexity is { } now
                ? (old.Perplexity, now.Perplexity)
                : ((double, double)?)null;
        AtomicFile.WriteText(
            store.FileOf("real-model.svg"),
            Picture.Render(model, Comparison.Of(before, after), audit, perplexity)
        );
        var page = ResultsPage.Render(settings, results, store.Seconds);
        AtomicFile.WriteText(store.FileOf("real-model.md"), page);
        Console.WriteLine();
        Console.WriteLine(page);
        Console.WriteLine(
            $"In {store.FileOf()}: adapter, merged.gguf, audit/report.html, real-model.md, real-model.svg"
        );
    }
}
