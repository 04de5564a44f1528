namespace Palimpsest.Evaluation.Tests;

/// <summary>A small report in which every part is filled, for tests of what is written from it.</summary>
internal static class SampleReport
{
    public static AuditReport Of(string method, string reply)
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
        SleekReply[] replies =
        [
            .. new[]
            {
                Probe("seed", ProbeCategory.Direct, true),
                Probe("other words", ProbeCategory.Direct, false),
                Probe("around", ProbeCategory.Indirect, false),
            }.Select(probe => new SleekReply(probe, reply, Verdict.Stated)),
        ];
        var recovery = new Recovery("4-bit quantisation", 0.4, new(0.3, 0.45), 3)
        {
            OriginalAfter = 0.9,
            RetrainedAfter = 0.05,
        };
        var metrics = new Dictionary<string, double>
        {
            ["model_utility"] = 0.6,
            ["forget_Q_A_ROUGE"] = 0.2,
            ["mia_min_k"] = 0.9,
            ["answer_accuracy"] = 0.1,
        };
        return new()
        {
            Method = method,
            Finished = DateTimeOffset.UnixEpoch,
            Verdict = SokVerdict.Of(
                recovery with
                {
                    Test = "direct question",
                    Value = 0.1,
                    Interval = new(0.05, 0.15),
                },
                0.9,
                [recovery],
                null,
                ["soft prompts"],
                new()
            ),
            Thresholds = new(),
            Rows = new Dictionary<string, int>
            {
                ["forget"] = 3,
                ["retain"] = 4,
                ["holdout"] = 2,
            },
            Tofu = new Dictionary<string, IReadOnlyDictionary<string, double>>
            {
                ["original"] = metrics,
                ["candidate"] = metrics,
                ["retrained"] = metrics,
            },
            TruthRatios = new Dictionary<string, IReadOnlyList<double>>
            {
                ["original"] = [0.1, 0.4],
                ["candidate"] = [0.8, 0.9],
            },
            MembershipRoc = new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>
            {
                ["candidate"] =
                [
                    [0, 0],
                    [0.25, 0.75],
                    [1, 1],
                ],
            },
            Sleek = Sleek.Report(replies, replies, replies),
            Judge = "alias",
            Environment = new Dictionary<string, string> { ["palimpsest"] = "0.1.0" },
            Hashes = new Dictionary<string, string> { ["model"] = "00ff" },
            Seeds = new Dictionary<string, ulong> { ["sleek"] = 1 },
        };
    }
}
