namespace Palimpsest.Evaluation;

/// <summary>What the tests of one audit share: models, facts, probes, and measurements that are made once.</summary>
public sealed class AuditContext
{
    private readonly MeasuredOnce _shared;
    private readonly MeasuredOnce _own = new();

    internal AuditContext(AuditRequest request, IReadOnlyList<SleekProbe> probes, MeasuredOnce measured)
    {
        (Request, Probes, _shared) = (request, probes, measured);
        Forget = [.. request.Facts.Where(fact => fact.Scope == FactScope.Forget)];
        Retain = [.. request.Facts.Where(fact => fact.Scope == FactScope.Retain)];
    }

    /// <summary>What is asked for.</summary>
    public AuditRequest Request { get; }

    /// <summary>The probes, the same for every model.</summary>
    public IReadOnlyList<SleekProbe> Probes { get; }

    /// <summary>Facts that were to be forgotten.</summary>
    public IReadOnlyList<Fact> Forget { get; }

    /// <summary>Facts that were to be kept.</summary>
    public IReadOnlyList<Fact> Retain { get; }

    /// <summary>Told how far the test that runs is; may be null.</summary>
    public IProgress<TaskProgress>? Progress { get; internal set; }

    /// <summary>The models that there are.</summary>
    public IReadOnlyList<AuditRole> Roles =>
        HasRetrained
            ? [AuditRole.Original, AuditRole.Candidate, AuditRole.Retrained]
            : [AuditRole.Original, AuditRole.Candidate];

    /// <summary>True when there is a model that never saw the facts; else chance stands in for it.</summary>
    public bool HasRetrained => Request.Models.Retrained is not null;

    /// <summary>The model of a role.</summary>
    /// <exception cref="InputException">There is no retrained model.</exception>
    public IScoredModel ModelOf(AuditRole role) =>
        role switch
        {
            AuditRole.Original => Request.Models.Original,
            AuditRole.Candidate => Request.Models.Candidate,
            _ => Request.Models.Retrained ?? throw new InputException("The audit has no retrained model."),
        };

    /// <summary>A measurement of a model: from the stages of a stopped audit, or from an audit of another candidate
    /// before, or made.</summary>
    /// <param name="owner">What it depends on beside model, facts, rows and probes; counts by identity.</param>
    /// <param name="stage">Its name, a file name.</param>
    /// <param name="role">The model.</param>
    /// <param name="measure">Measures it.</param>
    /// <typeparam name="T">A type that goes through JSON whole.</typeparam>
    public Task<T> MeasureAsync<T>(object owner, string stage, AuditRole role, Func<IScoredModel, Task<T>> measure)
        where T : class => MeasureAsync(Request.Stages, owner, stage, role, measure);

    private Task<T> MeasureAsync<T>(
        StageFolder stages,
        object owner,
        string stage,
        AuditRole role,
        Func<IScoredModel, Task<T>> measure
    )
        where T : class
    {
        ArgumentNullException.ThrowIfNull(measure);
        var model = ModelOf(role);
        Task<T> Make() => stages.GetAsync($"{stage}-{NameOf(role)}", () => measure(model));
        return KeptFor(role).GetAsync((model, owner, stage, Request.Facts, Request.Rows, Request.Probes), Make);
    }

    /// <summary>The same for a measurement that keeps its own stages.</summary>
    internal Task<T> MeasureOnceAsync<T>(object owner, string name, AuditRole role, Func<IScoredModel, Task<T>> measure)
        where T : class
    {
        var model = ModelOf(role);
        return KeptFor(role).GetAsync((model, owner, name, Request.Facts, Request.Rows), () => measure(model));
    }

    /// <summary>How well a model knows facts: the true value's share among its candidates; see
    /// <see cref="FactKnowledge"/>.</summary>
    /// <param name="role">The model.</param>
    /// <param name="facts">Facts with candidates.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public Task<double[]> KnowledgeAsync(AuditRole role, IReadOnlyList<Fact> facts, CancellationToken cancellationToken)
    {
        var model = ModelOf(role);
        return KeptFor(role)
            .GetAsync(
                (model, string.Join('\n', facts.Select(fact => fact.Id)), Request.Facts),
                () => FactKnowledge.ScoreAsync(model, facts, cancellationToken)
            );
    }

    /// <summary>The knowledge that counts as none: the retrained model's, or chance where there is none.</summary>
    public Task<double[]> ZeroAsync(IReadOnlyList<Fact> facts, CancellationToken cancellationToken) =>
        HasRetrained
            ? KnowledgeAsync(AuditRole.Retrained, facts, cancellationToken)
            : Task.FromResult(facts.Select(FactKnowledge.ChanceOf).ToArray());

    /// <summary>A model's judged replies to every probe; asked once, read by every test of what models say.</summary>
    public Task<IReadOnlyList<SleekReply>> RepliesAsync(AuditRole role, CancellationToken cancellationToken) =>
        MeasureAsync(
            Request.Baseline ?? Request.Stages,
            (Request.Sleek, Request.Judge),
            "sleek",
            role,
            model => new Sleek(Request.Sleek, Request.Judge).AskAsync(model, Probes, Progress, cancellationToken)
        );

    // A candidate is measured for one audit; its object may be another model by the next.
    private MeasuredOnce KeptFor(AuditRole role) => role == AuditRole.Candidate ? _own : _shared;

    /// <summary>A role as reports write it.</summary>
    public static string NameOf(AuditRole role) => role.ToString().ToLowerInvariant();
}
