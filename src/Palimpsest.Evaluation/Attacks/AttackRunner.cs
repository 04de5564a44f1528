namespace Palimpsest.Evaluation;

/// <summary>Runs attacks alone: no verdict, and one baseline before all of them.</summary>
public static class AttackRunner
{
    /// <summary>Runs the tests of a request in order; what a model says before any attack is asked once.</summary>
    /// <param name="request">The models, the facts and the attacks. Without probes the facts' own questions are the
    /// baseline.</param>
    /// <param name="progress">Told after each part.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InputException">An attack cannot be made; the message says why.</exception>
    public static async Task<IReadOnlyList<AttackResult>> RunAsync(
        AuditRequest request,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        var probes =
            request.Probes ?? [.. OfflineProbes.Generate(request.Facts, request.Sleek).Where(probe => probe.IsSeed)];
        var context = new AuditContext(request, probes, new());
        var asked = new AskedTest();
        foreach (var test in request.Tests.Prepend(asked))
        {
            if (test.WhyNot(context) is { } reason)
                throw new InputException($"The attack '{test.Name}' cannot be made: {reason}.");
        }

        double[] costs = [.. request.Tests.Prepend(asked).Select(test => Math.Max(1, test.CostOf(context).Units))];
        var parts = new ProgressParts(progress, costs);
        context.Progress = parts.Part(0, asked.Name, context.Roles.Count);
        var before = await asked.RunAsync(context, cancellationToken).ConfigureAwait(false);
        parts.End(0, asked.Name);
        var results = new List<AttackResult>();
        foreach (var (i, test) in request.Tests.Index())
        {
            context.Progress = parts.Part(i + 1, test.Name, context.Roles.Count);
            var found = await test.RunAsync(context, cancellationToken).ConfigureAwait(false);
            results.Add(new(before, found, found.Recovery?.Value > request.Verdict.LowRecovery));
            parts.End(i + 1, test.Name);
        }

        return results;
    }
}
