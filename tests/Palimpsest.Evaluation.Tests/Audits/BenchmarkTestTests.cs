namespace Palimpsest.Evaluation.Tests;

public sealed class BenchmarkTestTests
{
    [Fact]
    public async Task Recovery_is_on_the_scale_between_the_retrained_and_the_original_model()
    {
        var report = await AuditAsync(candidate: [1, 1, 0, 0], retrained: [0, 0, 0, 0]);
        var finding = report.Find("planted")!;
        Assert.Equal((0.5, 4), (finding.Recovery!.Value, finding.Recovery.N));
        Assert.Equal(AuditAxis.Holds, finding.Recovery.Axis);
        Assert.Equal((0.5, 1.0), (finding.Levels["candidate"].Value, finding.Levels["original"].Value));
        Assert.Equal(0.5, finding.Kept!.Value);
        Assert.Equal(-20, finding.PrivacyLeakage);
        Assert.Contains(finding.Sections, section => section.Title == "Benchmark: planted");
    }

    [Fact]
    public async Task Without_a_retrained_model_a_guess_is_the_zero()
    {
        // (0.5 − 0.25) / (1 − 0.25)
        var report = await AuditAsync(candidate: [1, 1, 0, 0], retrained: null);
        Assert.Equal(1.0 / 3, report.Find("planted")!.Recovery!.Value, 1e-12);
    }

    [Fact]
    public async Task Rows_without_a_value_are_left_out()
    {
        var report = await AuditAsync(candidate: [1, double.NaN, 0, double.NaN], retrained: null);
        Assert.Equal(2, report.Find("planted")!.Recovery!.N);
    }

    private static Task<AuditReport> AuditAsync(double[] candidate, double[]? retrained)
    {
        var task = new Planted(
            new()
            {
                ["original"] = [1, 1, 1, 1],
                ["candidate"] = candidate,
                ["never"] = retrained ?? [],
            }
        );
        return FakeAudit.RunAsync(
            FakeAudit.Model("candidate", says: false, holds: 0.5),
            retrained is null ? null : FakeAudit.Model("never", says: false, holds: 0.5),
            new AskedTest(),
            new ProbabilitiesTest(),
            new BenchmarkTest(task)
        );
    }

    private sealed class Planted(Dictionary<string, double[]> values) : BenchmarkTask
    {
        public override string Name => "planted";

        public override ModelAccess Access => ModelAccess.Probabilities;

        public override AuditAxis Axis => AuditAxis.Holds;

        public override AuditCost Cost => new(Sequences: 4);

        public override string Settings => "none";

        public override void Require(IScoredModel model) { }

        public override Task<BenchmarkResult> RunAsync(
            IScoredModel model,
            BenchmarkRun run,
            CancellationToken cancellationToken = default
        )
        {
            BenchmarkItem[] items =
            [
                .. values[model.Name].Select((value, i) => new BenchmarkItem("gone", $"{i}", value) { Said = "Tarn" }),
                new("kept", "k", model.Name == "candidate" ? 0.4 : 0.8),
            ];
            return Task.FromResult(
                new BenchmarkResult(
                    Name,
                    model.Name,
                    [
                        BenchmarkScore.Of("gone", ScoreMeaning.Forgotten, items, chance: 0.25),
                        BenchmarkScore.Of("kept", ScoreMeaning.Kept, items),
                        new("leak", ScoreMeaning.Leakage, new(-20, Interval.None, 4)),
                    ],
                    items
                )
            );
        }
    }
}
