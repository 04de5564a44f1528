namespace Palimpsest.Evaluation;

/// <summary>TOFU's metrics of three models, and what they say of utility and of privacy leakage.</summary>
/// <param name="options">Settings of the benchmark.</param>
public sealed class TofuTest(TofuOptions options) : IAuditTest
{
    /// <summary>The name of this test in reports.</summary>
    internal const string TestName = "TOFU";

    /// <inheritdoc/>
    public string Name => TestName;

    /// <inheritdoc/>
    public AuditAxis Axis => AuditAxis.Both;

    /// <inheritdoc/>
    public ModelAccess Access => options.GradientNorm ? ModelAccess.Weights : ModelAccess.Probabilities;

    /// <inheritdoc/>
    public AuditCost CostOf(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var rows = context.Request.Rows;
        QuestionAnswer[] all = [.. rows.Forget, .. rows.Retain, .. rows.RealAuthors, .. rows.WorldFacts];
        var answers = all.Sum(row => 2L + row.PerturbedAnswers.Count) + rows.Holdout.Count;
        return new((long)all.Length * context.Roles.Count, answers * context.Roles.Count);
    }

    /// <inheritdoc/>
    public string? WhyNot(AuditContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var rows = context.Request.Rows;
        if (rows.Forget.Count == 0 || rows.Retain.Count == 0)
            return $"its metrics need forget and retain rows; there are {rows.Forget.Count} and {rows.Retain.Count}";
        rows.Require(wrongAnswers: true);
        return null;
    }

    /// <inheritdoc/>
    public async Task<AuditFinding> RunAsync(AuditContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var results = new Dictionary<string, TofuResult>();
        foreach (var role in context.Roles)
            results[AuditContext.NameOf(role)] = await MeasureAsync(context, role, cancellationToken)
                .ConfigureAwait(false);

        // All models are compared with one reference: the retrained model's own values, or none.
        var reference = results.TryGetValue("retrained", out var never) ? TofuReference.Of(never) : null;
        foreach (var model in results.Keys.ToArray())
            results[model] = TofuBenchmark.Compare(results[model], reference);
        var numbers = TofuNumbers.Of(results);
        return new()
        {
            Test = Name,
            Axis = Axis,
            Access = Access,
            Kept = KeptUtility(results["original"], results["candidate"]),
            PrivacyLeakage = results["candidate"].Find("privleak")?.Value,
            Sections = TofuSection.Create(numbers, context.HasRetrained),
            Data = AuditReport.ToData(numbers),
        };
    }

    // Candidates' probabilities reward guessing; a model that answers nothing shows in the benchmark's utility alone.
    internal static MeasuredLevel? KeptUtility(TofuResult original, TofuResult candidate)
    {
        if (original.Find("model_utility")?.Level is not { Value: > 0 } before)
            return null;
        if (candidate.Find("model_utility")?.Level is not { } after)
            return null;
        // Between the quotients of opposite ends: which rows were drawn together is not known any more.
        var interval = new Interval(
            after.Interval.Low / before.Interval.High,
            after.Interval.High / before.Interval.Low
        );
        return new(after.Value / before.Value, interval, after.N);
    }

    private Task<TofuResult> MeasureAsync(AuditContext context, AuditRole role, CancellationToken cancellationToken)
    {
        var stages = context.Request.Stages.Within($"tofu-{AuditContext.NameOf(role)}");
        return context.MeasureOnceAsync(
            this,
            "tofu",
            role,
            model =>
                TofuBenchmark.RunAsync(
                    model,
                    context.Request.Rows,
                    options,
                    reference: null,
                    context.Progress,
                    stages,
                    cancellationToken
                )
        );
    }
}
