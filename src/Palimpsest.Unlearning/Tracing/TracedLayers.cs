namespace Palimpsest.Unlearning;

/// <summary>The layers whose MLPs bring answers back at the last token of their subjects.</summary>
/// <param name="Layers">Those that bring back at least half of what the best one does, ascending.</param>
/// <param name="Facts">Facts that were traced.</param>
/// <param name="Drop">What the noise takes of the answers' probability, mean over facts, in [0, 1].</param>
/// <param name="Effects">By layer, the share of it that comes back, mean over facts.</param>
public sealed record TracedLayers(IReadOnlyList<int> Layers, int Facts, double Drop, IReadOnlyList<double> Effects)
{
    private const int MostFacts = 20;
    private const double LeastDrop = 0.1;
    private const double LeastEffect = 0.1;
    private const double OfBest = 0.5;

    /// <summary>Traces a job's forget rows whose prompts name a subject, at most 20 of them.</summary>
    /// <param name="job">Model, rows, and the subjects' names as anchors; the model is left as it is.</param>
    /// <param name="options">Settings of the tracing.</param>
    /// <param name="cancellationToken">Stops between passes.</param>
    /// <exception cref="InputException">No row names a subject, none is known, or nothing brings their answers
    /// back.</exception>
    public static TracedLayers Find(UnlearnJob job, CausalTracerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var (tracer, model) = (new CausalTracer(options), job.Model);
        var wasTraining = model.training;
        model.eval();
        try
        {
            var named = job
                .Forget.Select(row => (Row: row, Subject: Subject(row, job.Anchors)))
                .Where(pair => pair.Subject is not null)
                .Select(pair => (pair.Row, Subject: pair.Subject!.Value))
                .Take(MostFacts)
                .ToArray();
            if (named.Length == 0)
                throw new InputException(
                    $"Causal tracing: none of the {job.Forget.Count} forget rows names one of the {job.Anchors.Count} "
                        + "anchors in its question."
                );
            var level = tracer.NoiseLevel(
                model,
                [.. named.Select(n => new TracedFact(n.Row.Ids, n.Subject.Start, n.Subject.End, 0))]
            );
            var traces = named
                .Select(n => tracer.MostDependent(model, n.Row, n.Subject, level))
                .OfType<TracedFact>()
                .Select(fact => tracer.TraceSubject(model, fact, level, TracedPart.Mlp, cancellationToken))
                .ToArray();
            return Choose(traces);
        }
        finally
        {
            model.train(wasTraining);
        }
    }

    /// <summary>Chooses from traces.</summary>
    internal static TracedLayers Choose(IReadOnlyList<(double Clean, double Corrupted, double[] Restored)> traces)
    {
        if (traces.Count == 0)
            throw new InputException(
                "Causal tracing: the model knows no answer that depends on its subject; name the layers instead."
            );
        var drop = traces.Average(trace => trace.Clean - trace.Corrupted);
        if (drop < LeastDrop)
            throw new InputException(
                FormattableString.Invariant(
                    $"Causal tracing: the noise takes {drop:f3} of the answers' probability, which is too little to "
                ) + "localise them; name the layers, or raise the noise."
            );
        double[] effects =
        [
            .. traces[0].Restored.Select((_, layer) => traces.Average(t => t.Restored[layer] - t.Corrupted) / drop),
        ];
        var best = effects.Max();
        if (best < LeastEffect)
            throw new InputException(
                FormattableString.Invariant(
                    $"Causal tracing: no layer's MLP brings back more than {best:p0} of what the noise takes: the "
                ) + "facts are not localised; name the layers."
            );
        int[] layers = [.. Enumerable.Range(0, effects.Length).Where(layer => effects[layer] >= OfBest * best)];
        return new(layers, traces.Count, drop, effects);
    }

    /// <summary>Where the longest anchor stands in a row's prompt.</summary>
    private static (int Start, int End)? Subject(TokenSequence row, IReadOnlyList<TokenAnchor> anchors)
    {
        var prompt = row.Ids.AsSpan(0, row.LabelStart);
        foreach (var anchor in anchors.OrderByDescending(anchor => anchor.Term.Count))
        {
            int[] term = [.. anchor.Term];
            var at = prompt.IndexOf(term);
            if (at >= 0)
                return (at, at + term.Length);
        }

        return null;
    }
}
