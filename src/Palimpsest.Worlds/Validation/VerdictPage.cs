using System.Globalization;
using System.Text;

namespace Palimpsest.Worlds;

/// <summary>A validation of the verdict as a Markdown page.</summary>
public static class VerdictPage
{
    /// <summary>Renders the page.</summary>
    public static string Render(VerdictValidation validation)
    {
        ArgumentNullException.ThrowIfNull(validation);
        var (models, page) = (validation.Models, new StringBuilder());
        page.AppendLine("# Which metrics of an audit to trust").AppendLine();
        page.AppendLine(
            CultureInfo.InvariantCulture,
            $"What `palimpsest evaluate verdict` measures: {models.Count(m => m.SawFacts)} models that saw the facts "
                + $"and {models.Count(m => !m.SawFacts)} that never did, of "
                + $"{models.Select(m => m.World).Distinct().Count()} worlds. It is known by construction which is "
                + $"which."
        );
        page.AppendLine().AppendLine(HowTheyWereMade);
        page.AppendLine().AppendLine("## Metrics").AppendLine().AppendLine(HowToRead).AppendLine();
        Metrics(page, validation.Metrics);
        page.AppendLine().AppendLine("## Thresholds of the verdict").AppendLine().AppendLine(Thresholds).AppendLine();
        page.AppendLine("| threshold | saw the facts, at or below it | never saw them, above it |");
        page.AppendLine("|---:|---:|---:|");
        foreach (var at in validation.Thresholds)
            page.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {at.Threshold:f1} | {Text(at.Missed)} | {Text(at.FalseAlarms)} |"
            );
        page.AppendLine().AppendLine("## Labels").AppendLine();
        Labels(page, models);
        page.AppendLine().AppendLine("## Every model").AppendLine();
        page.AppendLine("| world | treatment | saw the facts | label | strongest test | asked | probabilities |");
        page.AppendLine("|---|---|---|---|---:|---:|---:|");
        foreach (var model in models)
            page.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {model.World} | {model.Treatment} | {(model.SawFacts ? "yes" : "no")} | {model.Label} | "
                    + $"{Percent(model, MetricReadings.Verdict)} | {Percent(model, "asked")} | "
                    + $"{Percent(model, "probabilities")} |"
            );
        return page.ToString().ReplaceLineEndings("\n");
    }

    private const string HowTheyWereMade =
        "Each world has people of its own, a width of its models and short or longer answers. Its models that saw the "
        + "facts are copies of the original, its models that did not are copies of a second retrained model; the "
        + "original and the first retrained model are the audit's references and are no candidates. Every copy is "
        + "treated the same way: left as it is, trained on with kept rows, taught to refuse, taught to prefer "
        + "refusals, an unlearning that is stopped early, rounded to 4 bits. Nothing here removes what was learnt on "
        + "purpose: a metric that takes a model which only refuses for one that never saw the facts is wrong.";

    private const string HowToRead =
        "*AUC*: how well the metric alone tells the two kinds apart, with the 95 % interval of drawing the models "
        + "again (models of one world are alike, so that the true intervals are wider); 0.5 is guessing. The next "
        + "columns are the same after rounding to 4 bits, after half of the people were taught again (the other half "
        + "is measured), and with other probes. *Q* and *R* are stabilities of a reading under rounding and relearning "
        + "over the models that saw the facts: 1 is unmoved, and moved as the retrained model's. *Overall* is the "
        + "harmonic mean of AUC and both. `verdict` is the strongest test of the battery; names with underscores are "
        + "open-unlearning's.";

    private const string Thresholds =
        "The verdict compares what its strongest test finds with two thresholds. A model that saw the facts and lies "
        + "at or below the lower one would be called removal-consistent; one that never saw them and lies above it "
        + "would not.";

    private static void Metrics(StringBuilder page, IReadOnlyList<MetricValidation> metrics)
    {
        string[] conditions = [VerdictValidation.Rounded, VerdictValidation.Relearned, VerdictValidation.OtherProbes];
        page.AppendLine($"| metric | AUC | {string.Join(" | ", conditions)} | Q | R | overall |");
        page.AppendLine("|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var metric in metrics)
        {
            var under = conditions.Select(condition => Short(metric.AucUnder.GetValueOrDefault(condition)?.Value));
            page.AppendLine(
                CultureInfo.InvariantCulture,
                $"| `{metric.Metric}` | {Level(metric.Auc)} | {string.Join(" | ", under)} | "
                    + $"{Short(metric.UnderRounding)} | {Short(metric.UnderRelearning)} | {Short(metric.Overall)} |"
            );
        }
    }

    private static void Labels(StringBuilder page, IReadOnlyList<ValidatedModel> models)
    {
        page.AppendLine("| label | saw the facts | never saw them |").AppendLine("|---|---:|---:|");
        foreach (var label in models.GroupBy(model => model.Label).OrderBy(g => g.Key, StringComparer.Ordinal))
            page.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {label.Key} | {label.Count(model => model.SawFacts)} | {label.Count(model => !model.SawFacts)} |"
            );
    }

    private static string Level(MeasuredLevel level) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{level.Value:f3} ({level.Interval.Low:f2}–{level.Interval.High:f2}, n={level.N})"
        );

    private static string Short(double? value) =>
        value is { } found ? found.ToString("f3", CultureInfo.InvariantCulture) : "–";

    private static string Text(Rate rate) =>
        $"{rate.Hits} of {rate.N} ({PercentText.Of(rate.Interval.Low)}–{PercentText.Of(rate.Interval.High)})";

    private static string Percent(ValidatedModel model, string metric) =>
        model.Readings.TryGetValue(metric, out var value) ? PercentText.Of(value) : "–";
}
