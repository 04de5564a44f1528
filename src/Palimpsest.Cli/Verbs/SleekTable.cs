using System.Globalization;
using Palimpsest.Evaluation;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary>A Sleek report for people.</summary>
internal static class SleekTable
{
    /// <summary>Rates with intervals, and beside them the retrained model's.</summary>
    public static Table Of(SleekReport report)
    {
        var table = new Table().AddColumns("Probes", "Leak", "95 %", "n", "Retrained").Border(TableBorder.Simple);
        void Row(string name, Rate rate, Rate? retrained = null)
        {
            if (rate.N > 0)
            {
                table.AddRow(
                    name,
                    PercentText.Of(rate.Value),
                    $"{PercentText.Of(rate.Interval.Low)} to {PercentText.Of(rate.Interval.High)}",
                    rate.N.ToString(CultureInfo.InvariantCulture),
                    retrained is { N: > 0 } never ? PercentText.Of(never.Value) : ""
                );
            }
        }

        Row("seed question", report.SeedLeak);
        foreach (var (category, rate) in report.LeakByCategory)
            Row(category.ToString().ToLowerInvariant(), rate, report.RetrainedByCategory?.GetValueOrDefault(category));
        foreach (var mode in new[] { ProbeMode.Chain, ProbeMode.Conversation })
            Row(mode.ToString().ToLowerInvariant(), report.LeakByMode.GetValueOrDefault(mode));
        Row("all but the seed", report.Leak, report.RetrainedLeak);
        if (report.SampledLeak is { } sampled)
            Row($"in any of {report.SampledRuns} sampled runs", sampled);
        Row("facts with any leak", report.FactsLeaked);
        Row("refused", report.Refusals);
        Row("over-suppression", report.OverSuppression);
        Row("controls answered", report.Controls);
        return table;
    }

    /// <summary>The findings that a table of rates does not show.</summary>
    public static IEnumerable<string> Notes(SleekReport report, ScoredReport? scored)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"The original knows {report.Eligible.Hits} of {report.Eligible.N} facts; asking around gains "
                + $"{report.ReasoningGain:+0.00;-0.00;0.00} over the seed question (McNemar p "
                + $"{report.SingleAgainstSeed:g2}); recovered {PercentText.Of(report.RecoveryOfAll)}, "
                + $"{PercentText.Of(report.Recovery)} in "
                + $"the best category."
        );
        if (report.Collapsed)
            yield return "Collapsed: it answers less than half of the controls that the original answers. That is not "
                + "forgetting.";
        foreach (var factor in report.Factors)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{factor.Name}: {factor.Effect:+0.00;-0.00;0.00} [{factor.Interval.Low:f2}, "
                    + $"{factor.Interval.High:f2}] over {factor.N} facts"
            );
        if (scored is not null)
            yield return $"By the probabilities of candidates {PercentText.Of(scored.Leak.Value)} of {scored.Leak.N} "
                + $"questions leak, and {PercentText.Of(scored.SeedLeak.Value)} of {scored.SeedLeak.N} seed questions.";
    }
}
