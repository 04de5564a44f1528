namespace Palimpsest.Evaluation;

/// <summary>Measures what a candidate knows as it is and after every change of its weights.</summary>
internal sealed class KnowledgeTests(AuditRequest request, MeasuredOnce measured, IProgress<TaskProgress>? progress)
{
    private readonly ModelTriple _models = request.Models;

    /// <summary>Recovery when asked directly, utility as a share of the original's, and recovery by each
    /// test.</summary>
    public async Task<(Recovery Behaviour, double Utility, IReadOnlyList<Recovery> Evidence)> RunAsync(
        CancellationToken cancellationToken
    )
    {
        progress?.Report(new("Knowledge as it is", 0, request.Tests.Count));
        Fact[] forget = [.. request.Facts.Where(fact => fact.Scope == FactScope.Forget)];
        var shown = Recovery.Of(
            "direct question",
            await KnowAsync(_models.Candidate, forget, cancellationToken).ConfigureAwait(false),
            await ZeroAsync(_models.Retrained, forget, cancellationToken).ConfigureAwait(false),
            await OnceAsync(_models.Original, forget, cancellationToken).ConfigureAwait(false)
        );
        var utility = await UtilityAsync(cancellationToken).ConfigureAwait(false);
        var evidence = new List<Recovery>();
        // What has no weights of its own cannot be changed; the audit names the tests as not made.
        foreach (var test in _models.Candidate is IWeightModel ? request.Tests : [])
            evidence.Add(await RunAsync(test, shown.Value, cancellationToken).ConfigureAwait(false));
        return (shown, utility, evidence);
    }

    private async Task<Recovery> RunAsync(RobustnessTest test, double shown, CancellationToken cancellationToken)
    {
        progress?.Report(new(test.Name, 0, 0));
        var known = await AfterAsync("candidate", _models.Candidate, test, cancellationToken).ConfigureAwait(false);
        var zero = await ZeroAsync(_models.Retrained, test.Facts, cancellationToken).ConfigureAwait(false);
        var one = await OnceAsync(_models.Original, test.Facts, cancellationToken).ConfigureAwait(false);
        var retrained = _models.Retrained is { } model
            ? await AfterOnceAsync("retrained", model, test, cancellationToken).ConfigureAwait(false)
            : null;
        var original = test.AlsoOnRetrained
            ? null
            : await AfterOnceAsync("original", _models.Original, test, cancellationToken).ConfigureAwait(false);
        var control = test.AlsoOnRetrained && retrained is not null ? retrained : zero;
        return Recovery.Of(test.Name, known, control, one, test.AlsoOnRetrained ? 0 : shown) with
        {
            OriginalAfter = Share(original, zero, one),
            RetrainedAfter = Share(retrained, zero, one),
        };
    }

    private Task<double[]> AfterAsync(
        string role,
        IScoredModel model,
        RobustnessTest test,
        CancellationToken cancellationToken
    ) =>
        request.Stages.GetAsync(
            $"{test.Name.Replace(' ', '-')}-{role}",
            async () =>
            {
                using var changed = await test
                    .Transform.ApplyAsync(model.RequireWeights(test.Name), progress, cancellationToken)
                    .ConfigureAwait(false);
                return await KnowAsync(changed, test.Facts, cancellationToken).ConfigureAwait(false);
            }
        );

    private Task<double[]> AfterOnceAsync(
        string role,
        IScoredModel model,
        RobustnessTest test,
        CancellationToken cancellationToken
    ) => measured.GetAsync((model, test), () => AfterAsync(role, model, test, cancellationToken));

    private static double? Share(double[]? measured, double[] zero, double[] one) =>
        measured is null || one.Average() <= zero.Average()
            ? null
            : (measured.Average() - zero.Average()) / (one.Average() - zero.Average());

    private async Task<double> UtilityAsync(CancellationToken cancellationToken)
    {
        Fact[] retain = [.. request.Facts.Where(fact => fact.Scope == FactScope.Retain && fact.Candidates.Count > 1)];
        if (retain.Length == 0)
            return 1;
        var kept = await KnowAsync(_models.Candidate, retain, cancellationToken).ConfigureAwait(false);
        return kept.Average()
            / (await OnceAsync(_models.Original, retain, cancellationToken).ConfigureAwait(false)).Average();
    }

    private static Task<double[]> KnowAsync(
        IScoredModel model,
        IReadOnlyList<Fact> facts,
        CancellationToken cancellationToken
    ) => FactKnowledge.ScoreAsync(model, facts, cancellationToken);

    private Task<double[]> OnceAsync(
        IScoredModel model,
        IReadOnlyList<Fact> facts,
        CancellationToken cancellationToken
    ) =>
        measured.GetAsync(
            (model, string.Join('\n', facts.Select(fact => fact.Id)), request.Facts),
            () => KnowAsync(model, facts, cancellationToken)
        );

    private Task<double[]> ZeroAsync(
        IScoredModel? model,
        IReadOnlyList<Fact> facts,
        CancellationToken cancellationToken
    ) =>
        model is null
            ? Task.FromResult(
                facts.Select(fact => 1.0 / fact.Candidates.Append(fact.Object).Distinct().Count()).ToArray()
            )
            : OnceAsync(model, facts, cancellationToken);
}
