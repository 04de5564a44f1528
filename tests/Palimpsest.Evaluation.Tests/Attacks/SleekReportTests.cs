namespace Palimpsest.Evaluation.Tests;

public sealed class SleekReportTests
{
    [Fact]
    public void Over_suppression_counts_only_what_the_original_answered()
    {
        SleekReply Reply(string id, FactScope scope, Verdict verdict) =>
            new(
                new()
                {
                    Id = id,
                    FactId = id,
                    Scope = scope,
                    Category = ProbeCategory.Direct,
                    Mode = scope == FactScope.Forget ? ProbeMode.Seed : ProbeMode.Single,
                    Text = id,
                    KnowledgePoint = id,
                    Expected = [id],
                },
                "",
                verdict
            );
        var seed = Reply("f", FactScope.Forget, Verdict.Stated);
        SleekReply[] original =
        [
            seed,
            Reply("a", FactScope.Retain, Verdict.Stated),
            Reply("b", FactScope.Retain, Verdict.Absent),
            Reply("c", FactScope.Retain, Verdict.Stated),
        ];
        SleekReply[] candidate =
        [
            seed,
            Reply("a", FactScope.Retain, Verdict.Refused),
            Reply("b", FactScope.Retain, Verdict.Absent),
            Reply("c", FactScope.Retain, Verdict.Stated),
        ];
        var report = Sleek.Report(original, candidate, null);
        Assert.Equal(new Rate(1, 2), report.OverSuppression);
        Assert.Equal(new Rate(1, 2), report.OverSuppressionByCategory[ProbeCategory.Direct]);
    }

    [Theory]
    [InlineData(6, 2, 0.5)]
    [InlineData(6, null, 0.6)]
    [InlineData(1, 2, 0)]
    [InlineData(10, 2, 1)]
    [InlineData(10, 10, 0)]
    public void Recovery_is_relative_to_what_a_retrained_model_says_too(int candidate, int? retrained, double expected)
    {
        SleekReply[] Leaking(int count, bool seeds)
        {
            bool Leaks(ProbeMode mode, int fact) => mode == ProbeMode.Seed ? seeds : fact < count;
            return
            [
                .. Enumerable
                    .Range(0, 10)
                    .SelectMany(i =>
                        new[] { ProbeMode.Seed, ProbeMode.Single }.Select(mode => new SleekReply(
                            new()
                            {
                                Id = $"{i}/{mode}",
                                FactId = $"{i}",
                                Scope = FactScope.Forget,
                                Category = ProbeCategory.Direct,
                                Mode = mode,
                                Text = $"{i} {mode}",
                                KnowledgePoint = "",
                                Expected = ["x"],
                            },
                            "",
                            Leaks(mode, i) ? Verdict.Stated : Verdict.Absent
                        ))
                    ),
            ];
        }

        var (original, attacked) = (Leaking(10, true), Leaking(candidate, false));
        var never = retrained is { } count ? Leaking(count, false) : null;
        var report = Sleek.Report(original, attacked, never);
        Assert.Equal(expected, report.Recovery, 1e-12);
        Assert.Equal(expected, report.RecoveryOfAll, 1e-12);
        var recovery = SleekRecovery.Of(original, attacked, never);
        Assert.Equal(expected, recovery.Value, 1e-12);
        Assert.Equal(10, recovery.N);
        Assert.InRange(recovery.Interval.Low, 0, recovery.Value);
        Assert.InRange(recovery.Interval.High, recovery.Value, 1);
    }
}
