namespace Palimpsest.Evaluation;

/// <summary>A benchmark as a test of an audit: what of its forgotten rows comes back, and what of the others was
/// kept.</summary>
/// <remarks>Recovery is over the rows of all scores that mean forgotten knowledge, on the scale between the retrained
/// model's rows (what a guess gives without one) and the original's; kept is the quotient of the means of the scores
/// that mean utility.</remarks>
/// <param name="task">The benchmark with its rows.</param>
public sealed class BenchmarkTest(BenchmarkTask task) : IAuditTest
{
    /// <inheritdoc/>
    public string Name => task.Name;

    /// <inheritdoc/>
    public AuditAxis Axis => task.Axis;

    /// <inheritdoc/>
    public ModelAccess Access => task.Access;

    /// <inheritdoc/>
    public string Settings => task.Settings;

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (cost, models) = (task.Cost, context.Roles.Count);
        return new(cost.Replies * models, cost.Sequences * models, cost.TrainingSteps * models);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        foreach (var role in context.Roles)
            task.Require(context.ModelOf(role));
        return null;
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var results = new Dictionary<AuditRole, BenchmarkResult>();
        foreach (var role in context.Roles)
        {
            var stages = context.Request.Stages.Within($"{task.Name}-{AuditContext.NameOf(role)}");
            results[role] = await context
                .MeasureOnceAsync(
                    this,
                    task.Name,
                    role,
                    model =>
                        task.RunAsync(model, new() { Progress = context.Progress, Stages = stages }, cancellationToken)
                )
                .ConfigureAwait(false);
        }

        var never = results.GetValueOrDefault(AuditRole.Retrained);
        foreach (var role in context.Roles)
            results[role] = task.Compare(results[role], never);
        var byName = results.ToDictionary(of => AuditContext.NameOf(of.Key), of => of.Value);
        var leakage = results[AuditRole.Candidate].Scores.FirstOrDefault(of => of.Meaning == ScoreMeaning.Leakage);
        return new()
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Recovery = RecoveryOf(results),
            Kept = KeptOf(results[AuditRole.Original], results[AuditRole.Candidate]),
            PrivacyLeakage = leakage is { Level: { Value: var leak } } && double.IsFinite(leak) ? leak : null,
            Levels = LevelsOf(byName),
            Sections = BenchmarkSection.Create(task.Name, byName),
            Data = AuditReport.ToData(byName.ToDictionary(of => of.Key, of => of.Value.Scores)),
        };
    }

    private Recovery? RecoveryOf(Dictionary<AuditRole, BenchmarkResult> results)
    {
        double[] Values(AuditRole role) =>
            [.. results[role].ItemsOf(ScoreMeaning.Forgotten).Select(item => item.Value)];
        var (measured, one) = (Values(AuditRole.Candidate), Values(AuditRole.Original));
        var zero = results.ContainsKey(AuditRole.Retrained)
            ? Values(AuditRole.Retrained)
            : ChanceOf(results[AuditRole.Candidate]);
        int[] both =
        [
            .. Enumerable
                .Range(0, measured.Length)
                .Where(i => !double.IsNaN(measured[i]) && !double.IsNaN(one[i]) && !double.IsNaN(zero[i])),
        ];
        double[] Of(double[] values) => [.. both.Select(i => values[i])];
        return both.Length == 0 ? null : Recovery.Of(Name, Of(measured), Of(zero), Of(one)) with { Axis = Axis };
    }

    private static double[] ChanceOf(BenchmarkResult result)
    {
        var chance = result.Scores.ToDictionary(score => score.Name, score => score.Chance ?? 0);
        return [.. result.ItemsOf(ScoreMeaning.Forgotten).Select(item => chance[item.Score])];
    }

    private static MeasuredLevel? KeptOf(BenchmarkResult original, BenchmarkResult candidate)
    {
        double[] Values(BenchmarkResult of) => [.. of.ItemsOf(ScoreMeaning.Kept).Select(item => item.Value)];
        var (before, after) = (Values(original), Values(candidate));
        if (before.Length == 0 || before.Concat(after).Any(double.IsNaN) || before.Sum() <= 0)
            return null;
        // A draw in which the original answers nothing says nothing of what was kept.
        double Share(int[] rows)
        {
            var had = rows.Sum(row => before[row]);
            return had > 0 ? rows.Sum(row => after[row]) / had : 0;
        }

        return new(
            Share([.. Enumerable.Range(0, before.Length)]),
            BootstrapInterval.Of(before.Length, Recovery.Seed, Share),
            before.Length
        );
    }

    private static Dictionary<string, MeasuredLevel> LevelsOf(Dictionary<string, BenchmarkResult> results)
    {
        var levels = new Dictionary<string, MeasuredLevel>();
        foreach (var (model, result) in results)
        {
            double[] values =
            [
                .. result
                    .ItemsOf(ScoreMeaning.Forgotten)
                    .Select(item => item.Value)
                    .Where(value => !double.IsNaN(value)),
            ];
            if (values.Length > 0)
                levels[model] = MeasuredLevel.FromValues(values);
        }

        return levels;
    }
}
