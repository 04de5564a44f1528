namespace Palimpsest.Evaluation;

/// <summary>Measures knowledge of facts after a change of the weights of every model that has to be changed.</summary>
/// <param name="context">Models and measurements.</param>
/// <param name="test">The test that changes them.</param>
/// <param name="transform">The change.</param>
/// <param name="facts">The facts that are measured.</param>
internal sealed class ChangedKnowledge(
    AuditContext context,
    IAuditTest test,
    IModelTransform transform,
    IReadOnlyList<Fact> facts
)
{
    /// <summary>Knowledge of each fact by a model after the change.</summary>
    public Task<double[]> AfterAsync(AuditRole role, CancellationToken cancellationToken) =>
        context.MeasureAsync(
            test,
            test.Name.Replace(' ', '-'),
            role,
            async model =>
            {
                context.Progress?.Report(new(test.Name, 0, 0));
                using var changed = await transform
                    .ApplyAsync(model.RequireWeights(test.Name), context.Progress, cancellationToken)
                    .ConfigureAwait(false);
                return await FactKnowledge.ScoreAsync(changed, facts, cancellationToken).ConfigureAwait(false);
            }
        );

    /// <summary>Knowledge of each fact by a model as it is.</summary>
    public Task<double[]> AsItIsAsync(AuditRole role, CancellationToken cancellationToken) =>
        context.KnowledgeAsync(role, facts, cancellationToken);

    /// <summary>The level of what was measured between the unchanged zero and the unchanged original; null without a
    /// span.</summary>
    public async Task<double?> ShareAsync(double[]? measured, CancellationToken cancellationToken)
    {
        var zero = (await context.ZeroAsync(facts, cancellationToken).ConfigureAwait(false)).Average();
        var one = (await AsItIsAsync(AuditRole.Original, cancellationToken).ConfigureAwait(false)).Average();
        return measured is null || one <= zero ? null : (measured.Average() - zero) / (one - zero);
    }

    /// <summary>Recovery of the candidate as it is, on the same facts.</summary>
    public async Task<double> BeforeAsync(CancellationToken cancellationToken) =>
        Recovery
            .Of(
                test.Name,
                await AsItIsAsync(AuditRole.Candidate, cancellationToken).ConfigureAwait(false),
                await context.ZeroAsync(facts, cancellationToken).ConfigureAwait(false),
                await AsItIsAsync(AuditRole.Original, cancellationToken).ConfigureAwait(false)
            )
            .Value;
}
