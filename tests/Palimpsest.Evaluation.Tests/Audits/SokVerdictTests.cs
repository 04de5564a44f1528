namespace Palimpsest.Evaluation.Tests;

public sealed class SokVerdictTests
{
    [Theory]
    [InlineData(0.4, 0.9, 0.9, 0.0, RemovalLabel.Collapsed)]
    [InlineData(0.5, 0.1, 0.1, 0.0, RemovalLabel.RemovalConsistent)]
    [InlineData(0.9, 0.8, 0.1, 0.0, RemovalLabel.NotForgotten)]
    [InlineData(0.9, 0.5, 0.1, 0.0, RemovalLabel.Mixed)]
    [InlineData(0.9, 0.1, 0.8, 0.0, RemovalLabel.Suppressed)]
    [InlineData(0.9, 0.1, 0.5, 0.0, RemovalLabel.Suppressed)]
    [InlineData(0.9, 0.1, 0.35, 0.0, RemovalLabel.Mixed)]
    [InlineData(0.9, 0.35, 0.1, 0.0, RemovalLabel.Mixed)]
    [InlineData(0.9, 0.2, 0.2, 0.0, RemovalLabel.RemovalConsistent)]
    [InlineData(0.9, 0.1, 0.1, 10.0, RemovalLabel.RemovalConsistent)]
    [InlineData(0.9, 0.1, 0.1, -10.0, RemovalLabel.RemovalConsistent)]
    [InlineData(0.9, 0.1, 0.1, 10.5, RemovalLabel.Overshoot)]
    [InlineData(0.9, 0.1, 0.1, -10.5, RemovalLabel.Overshoot)]
    public void The_label_follows_its_thresholds_and_privacy_leakage_counts_in_both_directions(
        double utility,
        double says,
        double found,
        double privLeak,
        RemovalLabel expected
    ) => Assert.Equal(expected, Of(Exactly(says), utility, [Exactly(found)], privLeak).Label);

    [Fact]
    public void What_it_may_say_by_the_upper_end_of_the_interval_leaves_the_verdict_open()
    {
        var says = new Recovery(AskedTest.TestName, 0.1, new(0, 0.6), 10) { Axis = AuditAxis.Says };
        var holds = new Recovery("probabilities", 0.15, new(0.1, 0.18), 10);
        var open = SokVerdict.Of(says, Kept(1), [says, holds], null, [], new());
        Assert.Equal(RemovalLabel.Inconclusive, open.Label);
        Assert.Contains("within their intervals not-forgotten", open.Reason, StringComparison.Ordinal);
        var sure = SokVerdict.Of(says with { Interval = new(0, 0.15) }, Kept(1), [says, holds], null, [], new());
        Assert.Equal(RemovalLabel.RemovalConsistent, sure.Label);
    }

    [Fact]
    public void Privacy_leakage_that_was_not_measured_is_no_overshoot() =>
        Assert.Equal(
            RemovalLabel.RemovalConsistent,
            SokVerdict.Of(Exactly(0.1), Kept(0.9), [Exactly(0.1)], null, [], new()).Label
        );

    [Theory]
    [InlineData(0.45, 0.3, 0.49, RemovalLabel.Mixed)]
    [InlineData(0.45, 0.3, 0.7, RemovalLabel.Inconclusive)]
    [InlineData(0.7, 0.45, 0.9, RemovalLabel.Inconclusive)]
    [InlineData(0.7, 0.55, 0.9, RemovalLabel.Suppressed)]
    public void An_interval_of_the_strongest_test_that_straddles_a_threshold_decides_nothing(
        double value,
        double low,
        double high,
        RemovalLabel expected
    ) => Assert.Equal(expected, Of(Exactly(0.1), 0.9, [new("wide", value, new(low, high), 9)], 0).Label);

    [Theory]
    [InlineData(0.6, 0.4, 0.8, RemovalLabel.Inconclusive)]
    [InlineData(0.4, 0.3, 0.6, RemovalLabel.Inconclusive)]
    [InlineData(0.6, 0.55, 0.8, RemovalLabel.NotForgotten)]
    public void So_does_an_interval_of_what_it_says(double value, double low, double high, RemovalLabel expected)
    {
        var verdict = Of(new("asked", value, new(low, high), 9), 0.9, [Exactly(0.3)], 0);
        Assert.Equal(expected, verdict.Label);
        Assert.Equal(
            expected == RemovalLabel.Inconclusive,
            verdict.Reason.Contains("within their intervals", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_collapsed_model_is_collapsed_however_wide_the_intervals() =>
        Assert.Equal(
            RemovalLabel.Collapsed,
            Of(new("asked", 0.5, new(0, 1), 9), 0.3, [new("wide", 0.5, new(0, 1), 9)], 0).Label
        );

    [Fact]
    public void The_strongest_test_decides_and_is_named_whatever_the_order()
    {
        Recovery[] tests = [Named("weak", 0.1), Named("strong", 0.7), Named("middle", 0.3)];
        foreach (var order in new[] { tests, [.. tests.Reverse()], [tests[1], tests[0], tests[2]] })
        {
            var verdict = Of(Exactly(0.1), 0.9, order, 0);
            Assert.Equal((RemovalLabel.Suppressed, "strong"), (verdict.Label, verdict.Strongest.Test));
            Assert.Contains(
                "the strongest test, strong, finds that it still holds 70 %",
                verdict.Reason,
                StringComparison.Ordinal
            );
        }

        Recovery[] equal = [Named("b", 0.3), Named("a", 0.3), Named("c", 0.3) with { Interval = new(0.29, 0.4) }];
        Assert.Equal("a", Of(Exactly(0), 0.9, equal, 0).Strongest.Test);
        Assert.Equal("a", Of(Exactly(0), 0.9, [.. equal.Reverse()], 0).Strongest.Test);
    }

    [Fact]
    public void The_reason_says_on_which_axis_and_what_was_there_before()
    {
        var said = Of(Exactly(0.1), 0.9, [Named("Sleek", 0.6) with { Axis = AuditAxis.Says }], 0).Reason;
        Assert.Contains("Asked, it says 10 %", said, StringComparison.Ordinal);
        Assert.Contains("Sleek, gets it to say 60 %", said, StringComparison.Ordinal);
        Assert.Contains("kept 90 %", said, StringComparison.Ordinal);
        var held = Of(Exactly(0.1), 0.9, [Named("relearning", 0.6) with { Before = 0.4 }], 0).Reason;
        Assert.Contains("finds that it still holds 60 % [60 %, 60 %], 40 % before it", held, StringComparison.Ordinal);
    }

    [Fact]
    public void The_reason_of_an_overshoot_is_the_privacy_leakage_and_no_other_label_has_it()
    {
        var overshoot = Of(Exactly(0.1), 0.9, [Exactly(0.1)], -62.4);
        Assert.Equal(RemovalLabel.Overshoot, overshoot.Label);
        Assert.EndsWith("Its privacy leakage of -62 % gives it away.", overshoot.Reason, StringComparison.Ordinal);
        var suppressed = Of(Exactly(0.1), 0.9, [Exactly(0.8)], -62.4);
        Assert.DoesNotContain("privacy leakage", suppressed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verdict_needs_evidence() => Assert.Throws<ArgumentException>(() => Of(Exactly(0.1), 0.9, [], 0));

    [Theory]
    [InlineData(0.7, 0.5, 0.9, 0.5)]
    [InlineData(0.95, 0.5, 0.9, 1)]
    [InlineData(0.3, 0.5, 0.9, 0)]
    [InlineData(0.7, 0.5, 0.5, 0)]
    [InlineData(0.7, 0.9, 0.5, 0)]
    public void Recovery_lies_between_none_and_all_and_is_none_without_a_span(
        double measured,
        double zero,
        double one,
        double expected
    )
    {
        var recovery = Recovery.Of("test", [measured, measured], [zero, zero], [one, one]);
        Assert.Equal(expected, recovery.Value, 1e-12);
        Assert.Equal(expected, recovery.Interval.Low, 1e-12);
        Assert.Equal(expected, recovery.Interval.High, 1e-12);
        Assert.InRange(recovery.Interval.Low, 0, 1);
        Assert.InRange(recovery.Interval.High, 0, 1);
    }

    [Fact]
    public void Recovery_s_interval_is_that_of_drawing_facts_again()
    {
        double[] zero = new double[40];
        double[] one = [.. Enumerable.Repeat(1.0, 40)];
        double[] half = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? 1.0 : 0.0)];
        var recovery = Recovery.Of("test", half, zero, one);
        Assert.Equal(0.5, recovery.Value);
        Assert.Equal(0.35, recovery.Interval.Low, 0.03); // the 2.5 % point of 40 draws of 0 or 1: 14 of them
        Assert.Equal(0.65, recovery.Interval.High, 0.03);
    }

    [Theory]
    [InlineData(0.6, 0.4, 0.2)]
    [InlineData(0.4, 0.6, 0)]
    [InlineData(0.6, null, 0)]
    public void A_gain_is_what_goes_beyond_the_level_before(double value, double? before, double gain) =>
        Assert.Equal(gain, (Named("test", value) with { Before = before }).Gain, 1e-12);

    private static MeasuredLevel Kept(double share) => new(share, new(share, share), 10);

    private static SokVerdict Of(Recovery says, double utility, Recovery[] evidence, double privLeak) =>
        SokVerdict.Of(says, Kept(utility), evidence, privLeak, [], new());

    private static Recovery Exactly(double value) => Named("test", value);

    private static Recovery Named(string name, double value) => new(name, value, new(value, value), 10);
}
