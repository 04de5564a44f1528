namespace Palimpsest.Evaluation.Tests;

public sealed class ScoredSleekTests
{
    [Fact]
    public void A_leak_is_first_and_clears_the_retrained_model_by_the_margin()
    {
        ScoredProbe[] original = [Seed("f", 0.9, true), Seed("g", 0.2, false), Question("f", 1, 0.9, true)];
        ScoredProbe[] candidate =
        [
            Seed("f", 0.1, false),
            Seed("g", 0.9, true),
            Question("f", 1, 0.6, true),
            Question("f", 2, 0.6, true),
            Question("f", 3, 0.6, false),
        ];
        ScoredProbe[] retrained =
        [
            Seed("f", 0.1, false),
            Seed("g", 0.1, false),
            Question("f", 1, 0.3, true),
            Question("f", 2, 0.45, true),
            Question("f", 3, 0.1, false),
        ];
        var report = ScoredSleek.Report(original, candidate, retrained);
        Assert.Equal((0, 1), (report.SeedLeak.Hits, report.SeedLeak.N)); // g is not known to the original
        Assert.Equal((1, 3), (report.Leak.Hits, report.Leak.N));
        Assert.Equal(2, ScoredSleek.Report(original, candidate, null).Leak.Hits); // against chance 0.25 both clear it
        Assert.Equal(report.Leak, report.LeakByCategory[ProbeCategory.Indirect]);
        Assert.Equal(0, ScoredSleek.Report(original, retrained, retrained).Leak.Hits);
        Assert.Contains(
            "nothing to measure",
            Assert.Throws<InputException>(() => ScoredSleek.Report(candidate[..1], candidate, null)).Message,
            StringComparison.Ordinal
        );
    }

    private static ScoredProbe Seed(string fact, double share, bool first) =>
        new(Probe(fact, 0) with { Mode = ProbeMode.Seed, Category = ProbeCategory.Direct }, share, first, 0.25);

    private static ScoredProbe Question(string fact, int number, double share, bool first) =>
        new(Probe(fact, number), share, first, 0.25);

    private static SleekProbe Probe(string fact, int number) =>
        new()
        {
            Id = $"{fact}/{number}",
            FactId = fact,
            Scope = FactScope.Forget,
            Category = ProbeCategory.Indirect,
            Text = "?",
            KnowledgePoint = "",
            Expected = ["x"],
        };
}
