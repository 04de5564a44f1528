using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>Reads reports of schema 1, whose tests were fixed fields, as findings.</summary>
internal static class AuditSchema1
{
    /// <summary>The report in today's layout; label and reason stay as they were given.</summary>
    /// <exception cref="JsonException">It is not of that layout.</exception>
    public static AuditReport Read(JsonElement root)
    {
        var old = root.Deserialize<Report>(ResultJson.Format) ?? throw new JsonException("it is null.");
        var hasRetrained = old.Tofu.ContainsKey("retrained");
        var numbers = new TofuNumbers(AuditSchema2.Levels(old.Tofu), old.TruthRatios, old.MembershipRoc);
        var asked = new Recovery(
            AskedTest.TestName,
            old.Sleek.SeedLeak.Value,
            old.Sleek.SeedLeak.Interval,
            old.Sleek.SeedLeak.N
        )
        {
            Axis = AuditAxis.Says,
        };
        var probabilities = old.Verdict.Behaviour with { Test = ProbabilitiesTest.TestName };
        Recovery[] evidence = [asked, probabilities, .. old.Verdict.Evidence.Select(test => OnAxis(test, old))];
        return new()
        {
            Method = old.Method,
            Finished = old.Finished,
            Reference = hasRetrained ? "retrained" : "chance",
            Verdict = new(
                old.Verdict.Label,
                old.Verdict.Reason,
                asked,
                new(old.Verdict.Utility, Interval.None, 0),
                evidence,
                old.Verdict.Missing
            ),
            Thresholds = old.Thresholds,
            Rows = old.Rows,
            Findings =
            [
                .. evidence
                    .Where(test => test.Test != SleekTest.TestName)
                    .Select(test => FindingOf(test, old, hasRetrained)),
                SleekFinding(evidence.FirstOrDefault(test => test.Test == SleekTest.TestName), old),
                new()
                {
                    Test = TofuTest.TestName,
                    Axis = AuditAxis.Both,
                    Access = ModelAccess.Probabilities,
                    Sections = TofuSection.Create(numbers, hasRetrained),
                    Data = AuditReport.ToData(numbers),
                },
            ],
            Judge = old.Judge,
            ProbesHash = old.Sleek.ProbesHash,
            Provenance = new() { Hashes = old.Hashes, Seeds = old.Seeds },
            Environment = old.Environment,
        };
    }

    // Rounding was given as what it brought back beyond the level before; the level itself is their sum.
    private static Recovery OnAxis(Recovery test, Report old)
    {
        if (test.Test == SleekTest.TestName)
            return test with { Axis = AuditAxis.Says };
        if (!test.Test.EndsWith("quantisation", StringComparison.Ordinal))
            return test;
        var before = old.Verdict.Behaviour.Value;
        return test with
        {
            Value = Math.Min(1, test.Value + before),
            Interval = new(Math.Min(1, test.Interval.Low + before), Math.Min(1, test.Interval.High + before)),
            Before = before,
        };
    }

    private static AuditFinding FindingOf(Recovery test, Report old, bool hasRetrained)
    {
        var finding = new AuditFinding
        {
            Test = test.Test,
            Axis = test.Axis,
            Access = test.Axis == AuditAxis.Says ? ModelAccess.Replies : ModelAccess.Weights,
            Recovery = test,
        };
        return test.Test switch
        {
            AskedTest.TestName => finding with
            {
                Levels = new Dictionary<string, MeasuredLevel>
                {
                    ["candidate"] = MeasuredLevel.FromRate(old.Sleek.SeedLeak),
                },
            },
            ProbabilitiesTest.TestName => finding with { Access = ModelAccess.Probabilities },
            _ => finding with { Sections = [KnowledgeSection.Changed(test, hasRetrained, "As measured by schema 1.")] },
        };
    }

    private static AuditFinding SleekFinding(Recovery? recovery, Report old) =>
        new()
        {
            Test = SleekTest.TestName,
            Axis = AuditAxis.Says,
            Access = ModelAccess.Replies,
            Recovery = recovery,
            Levels = new Dictionary<string, MeasuredLevel> { ["candidate"] = MeasuredLevel.FromRate(old.Sleek.Leak) },
            Sections = SleekSection.Create(old.Sleek, old.Judge),
            Data = AuditReport.ToData(old.Sleek),
        };

    private sealed record Report
    {
        public required string Method { get; init; }

        public required DateTimeOffset Finished { get; init; }

        public required OldVerdict Verdict { get; init; }

        public required VerdictOptions Thresholds { get; init; }

        public required IReadOnlyDictionary<string, int> Rows { get; init; }

        public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Tofu { get; init; }

        public required IReadOnlyDictionary<string, IReadOnlyList<double>> TruthRatios { get; init; }

        public required IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<double>>> MembershipRoc { get; init; }

        public required SleekReport Sleek { get; init; }

        public required string Judge { get; init; }

        public required IReadOnlyDictionary<string, string> Environment { get; init; }

        public required IReadOnlyDictionary<string, string> Hashes { get; init; }

        public required IReadOnlyDictionary<string, ulong> Seeds { get; init; }
    }

    private sealed record OldVerdict(
        RemovalLabel Label,
        string Reason,
        Recovery Behaviour,
        double Utility,
        IReadOnlyList<Recovery> Evidence,
        IReadOnlyList<string> Missing
    );
}
