namespace Palimpsest.Evaluation;

/// <summary>Measures what a candidate knows as it is and after every change of its weights.</summary>
internal sealed class KnowledgeTests(AuditRequest request, MeasuredOnce measured, IProgress<TaskProgress>? progress)
{
    private readonly ModelTriple _models = request.Models;

    /// <summary>Recovery when asked directly, utility as a share of the original's, and recovery by each test.</summary>
    public async Task<(Recovery Behaviour, double Utility, IReadOnlyList<Recovery> Evidence)> RunAsync(CancellationToken cancellationToken)
    {
        progress?.Report(new("Knowledge as it is", 0, request.Tests.Count));
        Fact[] forget = [.. request.Facts.Where(fact => fact.Scope == FactScope.Forget)];
        var shown = Recovery.Of(
            "direct question", await KnowAsync(_models.Candidate, forget, cancellationToken).ConfigureAwait(false),
            await ZeroAsync(_models.Retrained, forget, cancellationToken).ConfigureAwait(false),
            await OnceAsync(_models.Original, forget, cancellationToken).ConfigureAwait(false));
        var utility = await UtilityAsync(cancellationToken).ConfigureAwait(false);
        var evidence = new List<Recovery>();
        foreach (var test in request.Tests)
            evidence.Add(await RunAsync(test, shown.Value, cancellationToken).ConfigureAwait(false));
        return (shown, utility, evidence);
    }

    private async Task<Recovery> RunAsync(RobustnessTest test, double shown, CancellationToken cancellationToken)
    {
        progress?.Report(new(test.Name, 0, 0));
        using var changed = await test.Transform.ApplyAsync(_models.Candidate, progress, cancellationToken).ConfigureAwait(false);
        var known = await KnowAsync(changed, test.Facts, cancellationToken).ConfigureAwait(false);
        using var control = test.AlsoOnRetrained && _models.Retrained is { } retrained
            ? await test.Transform.ApplyAsync(retrained, progress, cancellationToken).ConfigureAwait(false)
            : null;
        var zero = control is null
            ? await ZeroAsync(_models.Retrained, test.Facts, cancellationToken).ConfigureAwait(false)
            : await KnowAsync(control, test.Facts, cancellationToken).ConfigureAwait(false);
        var one = await OnceAsync(_models.Original, test.Facts, cancellationToken).ConfigureAwait(false);
        return Recovery.Of(test.Name, known, zero, one, test.AlsoOnRetrained ? 0 : shown);
    }

    private async Task<double> UtilityAsync(CancellationToken cancellationToken)
    {
        Fact[] retain = [.. request.Facts.Where(fact => fact.Scope == FactScope.Retain && fact.Candidates.Count > 1)];
        if (retain.Length == 0)
            return 1;
        var kept = await KnowAsync(_models.Candidate, retain, cancellationToken).ConfigureAwait(false);
        return kept.Average() / (await OnceAsync(_models.Original, retain, cancellationToken).ConfigureAwait(false)).Average();
    }

    private static Task<double[]> KnowAsync(IScoredModel model, IReadOnlyList<Fact> facts, CancellationToken cancellationToken) =>
        FactKnowledge.ScoreAsync(model, facts, cancellationToken);

    private Task<double[]> OnceAsync(IScoredModel model, IReadOnlyList<Fact> facts, CancellationToken cancellationToken) =>
        measured.GetAsync((model, string.Join('\n', facts.Select(fact => fact.Id)), request.Facts), () => KnowAsync(model, facts, cancellationToken));

    private Task<double[]> ZeroAsync(IScoredModel? model, IReadOnlyList<Fact> facts, CancellationToken cancellationToken) => model is null
        ? Task.FromResult(facts.Select(fact => 1.0 / fact.Candidates.Append(fact.Object).Distinct().Count()).ToArray())
        : OnceAsync(model, facts, cancellationToken);
}
