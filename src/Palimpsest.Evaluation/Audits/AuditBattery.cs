namespace Palimpsest.Evaluation;

/// <summary>The tests that an audit makes unless it is told otherwise, and the known ones that it does not
/// make.</summary>
public static class AuditBattery
{
    private static readonly string[] Known =
    [
        AskedTest.TestName,
        SleekTest.TestName,
        ProbabilitiesTest.TestName,
        TofuTest.TestName,
        RelearningTest.TestName,
        "8-bit quantisation",
        "4-bit quantisation",
        LogitLensTest.TestName,
        LinearProbeTest.TestName,
        ActivationPatchingTest.TestName,
        "sampling leak",
        "soft prompts",
    ];

    /// <summary>The default tests: asked, Sleek, probabilities, TOFU, relearning, 8 and 4 bit, logit lens, linear
    /// probe, activation patching.</summary>
    /// <param name="facts">Facts of all scopes; those to be forgotten are split for relearning.</param>
    /// <param name="relearn">Makes the change that teaches rows, for example a relearning of
    /// <c>Palimpsest.Training</c>; null leaves the test out.</param>
    /// <param name="round">Makes the change that rounds weights to so many bits, for example a rounding of
    /// <c>Palimpsest.Inference</c>; null leaves the tests out.</param>
    /// <param name="tofu">Settings of the TOFU metrics; without the gradient norm where null.</param>
    public static IReadOnlyList<IAuditTest> Default(
        IReadOnlyList<Fact> facts,
        Func<IReadOnlyList<(string Question, string Answer)>, IModelTransform>? relearn = null,
        Func<int, IModelTransform>? round = null,
        TofuOptions? tofu = null
    )
    {
        var tests = new List<IAuditTest>
        {
            new AskedTest(),
            new SleekTest(),
            new ProbabilitiesTest(),
            new TofuTest(tofu ?? new() { GradientNorm = false }),
        };
        if (relearn is not null)
        {
            var split = RelearnSplit.Of(facts);
            tests.Add(new RelearningTest(split, relearn(split.Rows)));
        }

        if (round is not null)
            tests.AddRange([new QuantisationTest(8, round(8)), new QuantisationTest(4, round(4))]);
        tests.AddRange([new LogitLensTest(), new LinearProbeTest(), new ActivationPatchingTest()]);
        return tests;
    }

    /// <summary>What was not tested, each with its reason where there is one.</summary>
    internal static IReadOnlyList<string> MissingFrom(AuditContext context, IReadOnlyList<AuditFinding> findings)
    {
        var names = findings.Select(finding => finding.Test).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. findings
                .Where(finding => finding.NotMade is not null)
                .Select(finding => $"{finding.Test}: {finding.NotMade}"),
            .. Known.Where(test => !names.Contains(test)),
            .. context.Request.Rows.Holdout.Count == 0
                ? ["membership: no rows that no model saw were given"]
                : Array.Empty<string>(),
            .. context.HasRetrained
                ? Array.Empty<string>()
                : ["retrained model: none was given, chance stands in for it"],
        ];
    }
}
