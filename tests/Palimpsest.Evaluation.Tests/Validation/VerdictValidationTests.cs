namespace Palimpsest.Evaluation.Tests;

public sealed class VerdictValidationTests
{
    [Fact]
    public void A_metric_s_faithfulness_is_its_AUC_with_ties_counted_half()
    {
        var judged = Judge(
            Saw(("verdict", 0.9), ("a", 0.5)),
            Saw(("verdict", 0.8), ("a", 0.1)),
            Never(("verdict", 0.1), ("a", 0.5)),
            Never(("verdict", 0.2), ("a", 0.3))
        );
        Assert.Equal(["verdict", "a"], judged.Metrics.Select(metric => metric.Metric));
        Assert.Equal([1, 1.5 / 4], judged.Metrics.Select(metric => metric.Auc.Value));
        Assert.All(judged.Metrics, metric => Assert.Equal(4, metric.Auc.N));
        Assert.True(judged.Metrics[1].Auc.Interval.Low < 1.5 / 4);
        Assert.True(judged.Metrics[1].Auc.Interval.High > 1.5 / 4);
    }

    [Fact]
    public void A_metric_that_was_not_read_of_a_model_counts_the_others()
    {
        var judged = Judge(Saw(("verdict", 1), ("a", 1)), Saw(("verdict", 1)), Never(("verdict", 0), ("a", 0)));
        Assert.Equal(2, judged.Metrics.Single(metric => metric.Metric == "a").Auc.N);
    }

    [Fact]
    public void Under_a_condition_the_readings_of_the_condition_count()
    {
        var judged = Judge(
            Saw(("verdict", 1)) with
            {
                Under = Under((VerdictValidation.OtherProbes, 0.2)),
            },
            Never(("verdict", 0)) with
            {
                Under = Under((VerdictValidation.OtherProbes, 0.7)),
            }
        );
        var metric = Assert.Single(judged.Metrics);
        Assert.Equal(1, metric.Auc.Value);
        Assert.Equal(0, metric.AucUnder[VerdictValidation.OtherProbes].Value);
        Assert.Null(metric.UnderRounding);
        Assert.Null(metric.Overall);
    }

    [Fact]
    public void Stability_compares_readings_by_their_size_over_models_that_saw_the_facts()
    {
        var never = Never(("verdict", 0)) with
        {
            Under = Under(
                (VerdictValidation.AsItIs, 0),
                (VerdictValidation.Rounded, 1),
                (VerdictValidation.Relearned, 0.3)
            ),
        };
        var judged = VerdictValidation.Judge(
            [
                Saw(("verdict", 1)) with
                {
                    Under = Under(
                        (VerdictValidation.AsItIs, 0.2),
                        (VerdictValidation.Rounded, 0.6),
                        (VerdictValidation.Relearned, 0.3)
                    ),
                },
                never,
            ],
            new Dictionary<string, ValidatedModel> { ["1"] = never }
        );
        var metric = Assert.Single(judged.Metrics);
        Assert.Equal(1 - 0.4 / 0.8, metric.UnderRounding!.Value, 12);
        Assert.Equal(1 - 0.2 / 0.4, metric.UnderRelearning!.Value, 12);
        Assert.Equal(2 / (1 + 1 / 0.5), metric.Overall!.Value, 12);
        Assert.DoesNotContain(VerdictValidation.AsItIs, metric.AucUnder.Keys);
    }

    [Fact]
    public void Two_readings_of_nothing_are_alike()
    {
        var judged = Judge(
            Saw(("verdict", 1)) with
            {
                Under = Under((VerdictValidation.AsItIs, 0), (VerdictValidation.Rounded, 0)),
            },
            Never(("verdict", 0))
        );
        Assert.Equal(1, Assert.Single(judged.Metrics).UnderRounding);
    }

    [Fact]
    public void A_threshold_misses_those_at_it_and_alarms_above_it()
    {
        var judged = Judge(
            Saw(("verdict", 0.2)),
            Saw(("verdict", 0.3)),
            Never(("verdict", 0.2)),
            Never(("verdict", 1))
        );
        var at = judged.Thresholds.Single(rates => rates.Threshold == 0.2);
        Assert.Equal(new Rate(1, 2), at.Missed);
        Assert.Equal(new Rate(1, 2), at.FalseAlarms);
        Assert.Equal(9, judged.Thresholds.Count);
    }

    [Fact]
    public void Without_models_of_both_kinds_there_is_nothing_to_judge_by()
    {
        Assert.Throws<InputException>(() => Judge(Saw(("verdict", 1))));
        Assert.Throws<InputException>(() => Judge(Never(("verdict", 1))));
    }

    private static VerdictValidation Judge(params IReadOnlyList<ValidatedModel> models) =>
        VerdictValidation.Judge(models, new Dictionary<string, ValidatedModel>());

    private static ValidatedModel Saw(params (string Metric, double Value)[] readings) => Model(true, readings);

    private static ValidatedModel Never(params (string Metric, double Value)[] readings) => Model(false, readings);

    private static ValidatedModel Model(bool saw, (string Metric, double Value)[] readings) =>
        new()
        {
            World = "1",
            Treatment = "as trained",
            SawFacts = saw,
            Label = "mixed",
            Readings = readings.ToDictionary(reading => reading.Metric, reading => reading.Value),
        };

    private static Dictionary<string, IReadOnlyDictionary<string, double>> Under(
        params (string Condition, double Verdict)[] readings
    ) =>
        readings.ToDictionary(
            reading => reading.Condition,
            reading =>
                (IReadOnlyDictionary<string, double>)
                    new Dictionary<string, double> { [MetricReadings.Verdict] = reading.Verdict }
        );
}
