namespace Palimpsest.Evaluation.Tests;

/// <summary>A small report in which every part is filled, for tests of what is written from it.</summary>
internal static class SampleReport
{
    public static readonly string Hash = ContentHash.OfText("a model");

    public static AuditReport Of(string method, string reply)
    {
        var replies = Replies(reply);
        var recovery = new Recovery("4-bit quantisation", 0.4, new(0.3, 0.45), 3)
        {
            Before = 0.25,
            OriginalAfter = 0.9,
            RetrainedAfter = 0.05,
        };
        var says = new Recovery(AskedTest.TestName, 0.1, new(0.05, 0.15), 3) { Axis = AuditAxis.Says };
        return new()
        {
            Method = method,
            Finished = DateTimeOffset.UnixEpoch,
            Reference = "retrained",
            Verdict = SokVerdict.Of(
                says,
                new(0.9, new(0.85, 0.95), 4),
                [says, recovery],
                null,
                ["soft prompts"],
                new()
            ),
            Thresholds = new(),
            Forgotten = new(1, 1, ["a"], "c0ffee"),
            Rows = new Dictionary<string, int>
            {
                ["forget"] = 3,
                ["retain"] = 4,
                ["holdout"] = 2,
            },
            Findings = Findings(says, recovery, replies),
            Judge = "alias",
            ProbesHash = Sleek.Report(replies, replies, replies).ProbesHash,
            Environment = new Dictionary<string, string> { ["palimpsest"] = "0.1.0" },
            Provenance = new()
            {
                Unlearning = new Dictionary<string, string> { ["method"] = "npo", ["beta"] = "0.1" },
                Paths = new Dictionary<string, string> { ["model"] = "models/\"new\" é" },
                Options = new Dictionary<string, string> { ["steps"] = "30" },
                Hashes = new Dictionary<string, string> { ["model"] = Hash },
                Seeds = new Dictionary<string, ulong> { ["sleek"] = 1 },
                CommitmentSalt = "a salt that nobody is to know",
            },
        };
    }

    private static SleekReply[] Replies(string reply)
    {
        SleekProbe Probe(string id, ProbeCategory category, bool seed) =>
            new()
            {
                Id = id,
                FactId = "a",
                Scope = FactScope.Forget,
                Category = category,
                Text = $"{id} about Mira?",
                KnowledgePoint = "Mira was born in Tarnholm.",
                Expected = ["Tarnholm"],
                Mode = seed ? ProbeMode.Seed : ProbeMode.Single,
            };
        return
        [
            .. new[]
            {
                Probe("seed", ProbeCategory.Direct, true),
                Probe("other words", ProbeCategory.Direct, false),
                Probe("around", ProbeCategory.Indirect, false),
            }.Select(probe => new SleekReply(probe, reply, Verdict.Stated)),
        ];
    }

    private static TofuNumbers Numbers()
    {
        var metrics = new Dictionary<string, MeasuredLevel>
        {
            ["model_utility"] = new(0.6, new(0.5, 0.7), 20),
            ["forget_Q_A_ROUGE"] = new(0.2, new(0.1, 0.3), 20),
            ["mia_min_k"] = new(0.9, new(0.8, 1), 40),
            ["privleak"] = new(-20, new(-40, 0), 40),
            ["answer_accuracy"] = new(0.1, new(0.05, 0.2), 20),
        };
        return new(
            new Dictionary<string, IReadOnlyDictionary<string, MeasuredLevel>>
            {
                ["original"] = metrics,
                ["candidate"] = metrics,
                ["retrained"] = metrics,
            },
            new Dictionary<string, IReadOnlyList<double>> { ["original"] = [0.1, 0.4], ["candidate"] = [0.8, 0.9] },
            new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>
            {
                ["candidate"] =
                [
                    [0, 0],
                    [0.25, 0.75],
                    [1, 1],
                ],
            }
        );
    }

    private static AuditFinding[] Findings(Recovery says, Recovery recovery, SleekReply[] replies)
    {
        var levels = new Dictionary<string, MeasuredLevel> { ["candidate"] = new(0.1, new(0.05, 0.15), 3) };
        var sleek = Sleek.Report(replies, replies, replies);
        var numbers = Numbers();
        return
        [
            new()
            {
                Test = AskedTest.TestName,
                Axis = AuditAxis.Says,
                Access = ModelAccess.Replies,
                Recovery = says,
                Levels = levels,
                Sections = [AskedSection.Create(levels, replies, "alias")],
            },
            new()
            {
                Test = SleekTest.TestName,
                Axis = AuditAxis.Says,
                Access = ModelAccess.Replies,
                Levels = levels,
                Sections = SleekSection.Create(sleek, "alias"),
                Data = AuditReport.ToData(sleek),
            },
            new()
            {
                Test = TofuTest.TestName,
                Axis = AuditAxis.Both,
                Access = ModelAccess.Probabilities,
                Sections = TofuSection.Create(numbers, hasRetrained: true),
                Data = AuditReport.ToData(numbers),
            },
            new()
            {
                Test = recovery.Test,
                Axis = AuditAxis.Holds,
                Access = ModelAccess.Weights,
                Recovery = recovery,
                Sections = [KnowledgeSection.Changed(recovery, hasRetrained: true, "Rounded.")],
            },
            new()
            {
                Test = RelearningTest.TestName,
                Axis = AuditAxis.Holds,
                Access = ModelAccess.Weights,
                NotMade = "one subject",
            },
        ];
    }
}
