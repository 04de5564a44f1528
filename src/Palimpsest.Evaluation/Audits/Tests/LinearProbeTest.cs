namespace Palimpsest.Evaluation;

/// <summary>What a linear reader finds in a model's hidden states: trained on kept facts and on half of the forgotten
/// subjects, it names the values of the other half.</summary>
/// <remarks>
/// For relations whose values are shared among subjects. The features are a block's output at the last token of the
/// question; the block is the one that predicts best on the training facts, five folds of them left out in turn. A
/// probe finds what can be computed, not only what is stored, hence the same probe on the retrained model is the zero;
/// without one, the commonest value is.
/// </remarks>
public sealed class LinearProbeTest : IAuditTest
{
    /// <summary>The name of this test in reports.</summary>
    internal const string TestName = "linear probe";

    private const double Level = 0.05;

    /// <inheritdoc/>
    public string Name => TestName;

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Holds;

    /// <inheritdoc/>
    public ModelAccess Access => ModelAccess.Weights;

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new(
            Sequences: ProbeTask.FromFacts(context.Request.Facts).Sum(task => (long)task.Train.Count + task.Test.Count)
                * context.Roles.Count
        );
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (WeightAccess.WhyNot(context) is { } reason)
            return reason;
        return ProbeTask.FromFacts(context.Request.Facts).Count > 0
            ? null
            : "no relation of the forgotten facts has values that kept facts share";
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Progress?.Report(new("Linear probe", 0, 0));
        var tasks = ProbeTask.FromFacts(context.Request.Facts);
        var right = new Dictionary<AuditRole, double[]>();
        foreach (var role in context.Roles)
            right[role] = await context
                .MeasureAsync(
                    this,
                    "linear-probe",
                    role,
                    model => Task.Run(() => ReadWith(model, tasks, cancellationToken), cancellationToken)
                )
                .ConfigureAwait(false);
        var zero = context.HasRetrained
            ? right[AuditRole.Retrained]
            : [.. tasks.SelectMany(task => task.CommonestIsRight())];
        var finding = new AuditFinding
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Levels = right.ToDictionary(
                pair => AuditContext.NameOf(pair.Key),
                pair => MeasuredLevel.FromRate(new((int)pair.Value.Sum(), pair.Value.Length))
            ),
        };
        if (NoSpan(right[AuditRole.Original], zero) is { } counts)
        {
            var other = context.HasRetrained ? "the retrained model" : "the commonest value";
            return finding with
            {
                NotMade = $"a probe of the original is no better than {other} beyond chance ({counts})",
            };
        }

        var recovery = Recovery.Of(Name, right[AuditRole.Candidate], zero, right[AuditRole.Original]);
        return finding with { Recovery = recovery, Sections = [KnowledgeSection.Probe(finding.Levels, tasks)] };
    }

    /// <summary>The counts where the original is not better beyond chance, since a share of a span that may be chance
    /// tells nothing; null where it is, by McNemar's test over the facts on which the two differ.</summary>
    internal static string? NoSpan(double[] original, double[] zero)
    {
        int Only(double[] first, double[] second) => first.Zip(second).Count(pair => pair.First > pair.Second);
        var (above, below) = (Only(original, zero), Only(zero, original));
        var p = McNemar.Exact(above, below);
        return above > below && p <= Level
            ? null
            : FormattableString.Invariant(
                $"{original.Sum():f0} and {zero.Sum():f0} of {original.Length} facts, p {p:0.00}"
            );
    }

    // 1 for each test fact whose value the probe names, 0 for the others.
    private static double[] ReadWith(
        IScoredModel model,
        IReadOnlyList<ProbeTask> tasks,
        CancellationToken cancellationToken
    )
    {
        using var scope = NewDisposeScope();
        var decoder = WeightAccess.DecoderOf(model)!;
        int[][] prompts =
        [
            .. tasks
                .SelectMany(task => task.Train.Concat(task.Test))
                .Select(fact => model.EncodeConversation([Turn.User(fact.Question)], addGenerationPrompt: true)),
        ];
        var layers = HiddenStates.AtLastToken(decoder, prompts, cancellationToken);
        var best = layers.MaxBy(layer => Read(layer, tasks, (task, states) => task.FoldsRight(states)).Average())!;
        return Read(best, tasks, (task, states) => task.TestIsRight(states));
    }

    private static double[] Read(
        Tensor states,
        IReadOnlyList<ProbeTask> tasks,
        Func<ProbeTask, Tensor, IEnumerable<double>> right
    )
    {
        using var scope = NewDisposeScope();
        var (result, start) = (new List<double>(), 0);
        foreach (var task in tasks)
        {
            var count = task.Train.Count + task.Test.Count;
            result.AddRange(right(task, states.narrow(0, start, count)));
            start += count;
        }

        return [.. result];
    }
}
