namespace Palimpsest.Evaluation.Tests;

public sealed class MetricReadingsTests
{
    [Fact]
    public void A_report_is_read_by_its_tests_and_its_verdict_by_the_strongest()
    {
        var readings = MetricReadings.Read(SampleReport.Of("npo", "Tarnholm"));
        Assert.Equal(0.4, readings[MetricReadings.Verdict]);
        Assert.Equal(0.4, readings["4-bit quantisation"]);
        Assert.Equal(0.1, readings[AskedTest.TestName]);
    }

    [Fact]
    public void What_is_low_where_a_model_knows_is_read_with_the_other_sign()
    {
        var report = SampleReport.Of("npo", "Tarnholm");
        Dictionary<string, MeasuredLevel> levels = new()
        {
            ["extraction_strength"] = new(0.7, Interval.None, 3),
            ["forget_truth_ratio"] = new(0.6, Interval.None, 3),
            ["privleak"] = new(-40, Interval.None, 3),
            ["model_utility"] = new(0.9, Interval.None, 3),
            ["forget_quality"] = MeasuredLevel.Missing("no retained model was given"),
        };
        var numbers = new TofuNumbers(
            new Dictionary<string, IReadOnlyDictionary<string, MeasuredLevel>> { ["candidate"] = levels },
            new Dictionary<string, IReadOnlyList<double>>(),
            new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>()
        );
        var readings = MetricReadings.Read(
            report with
            {
                Findings =
                [
                    .. report.Findings.Where(finding => finding.Test != TofuTest.TestName),
                    new()
                    {
                        Test = TofuTest.TestName,
                        Axis = AuditAxis.Both,
                        Access = ModelAccess.Probabilities,
                        Data = AuditReport.ToData(numbers),
                    },
                ],
            }
        );
        Assert.Equal(0.7, readings["extraction_strength"]);
        Assert.Equal(-0.6, readings["forget_truth_ratio"]);
        Assert.Equal(40, readings["privleak"]);
        Assert.DoesNotContain("model_utility", readings.Keys);
        Assert.DoesNotContain("forget_quality", readings.Keys);
    }
}
