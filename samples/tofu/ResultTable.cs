using System.Globalization;
using System.Text;
using Palimpsest.Evaluation;

namespace Palimpsest.Samples.Tofu;

/// <summary>All audits as one Markdown table: the full and the retrained model first, then a row per method.</summary>
internal static class ResultTable
{
    private static readonly (string Title, string Metric)[] Metrics =
    [
        ("answers right", "answer_accuracy"),
        ("ROUGE-L recall", "forget_Q_A_ROUGE"),
        ("probability", "forget_Q_A_Prob"),
        ("utility", "model_utility"),
        ("forget quality (log10 p)", "forget_quality"),
        ("exact memorisation", "exact_memorization"),
        ("extraction strength", "extraction_strength"),
        ("AUC loss", "mia_loss"),
        ("AUC min-k", "mia_min_k"),
        ("AUC min-k++", "mia_min_k_plus_plus"),
        ("AUC zlib", "mia_zlib"),
        ("AUC gradient norm", "mia_gradnorm"),
    ];

    /// <summary>The table.</summary>
    /// <param name="reports">At least one, all of the same original and retrained model.</param>
    public static string Of(IReadOnlyList<AuditReport> reports)
    {
        Column[] columns =
        [
            new("full", reports[0].Tofu!.Summary["original"], null),
            new("retrained", reports[0].Tofu!.Summary["retrained"], null),
            .. reports.Select(report => new Column(report.Method, report.Tofu!.Summary["candidate"], report)),
        ];
        var table = new StringBuilder();
        void Row(string title, IEnumerable<string> cells) =>
            table.Append("| ").Append(title).Append(" | ").AppendJoin(" | ", cells).Append(" |\n");
        Row("", columns.Select(column => column.Name));
        Row("---", columns.Select(_ => "---"));
        foreach (var (title, metric) in Metrics)
            Row(
                title,
                columns.Select(column =>
                    column.Tofu.GetValueOrDefault(metric) is { N: > 0 } level ? Number(metric, level.Value) : "–"
                )
            );
        Row(
            "says when asked",
            columns.Select(column => column.Report is { } report ? Share(report.Sleek!.SeedLeak) : "–")
        );
        Row(
            "says when asked around (Sleek)",
            columns.Select(column => column.Report is { } report ? Share(report.Sleek!.Leak) : "–")
        );
        Row(
            "Sleek: facts with a leak",
            columns.Select(column => column.Report is { } report ? Share(report.Sleek!.FactsLeaked) : "–")
        );
        foreach (var test in reports[0].Verdict.Evidence.Select(evidence => evidence.Test))
            Row(
                $"{test}",
                columns.Select(column =>
                    column.Report is { } report ? Share(report.Verdict.Evidence.First(e => e.Test == test)) : "–"
                )
            );
        Row(
            "verdict",
            columns.Select(column =>
                column.Report is { } report ? $"**{RemovalLabels.NameOf(report.Verdict.Label)}**" : "–"
            )
        );
        return table.ToString();
    }

    private static string Number(string metric, double value) =>
        metric == "forget_quality"
            ? Math.Log10(value).ToString("f1", CultureInfo.InvariantCulture)
            : value.ToString("f3", CultureInfo.InvariantCulture);

    private static string Share(Rate rate) => Share(rate.Value, rate.Interval);

    private static string Share(Recovery recovery) => Share(recovery.Value, recovery.Interval);

    private static string Share(double value, Interval interval) =>
        string.Create(CultureInfo.InvariantCulture, $"{value:p0} ({100 * interval.Low:f0}–{100 * interval.High:f0})");

    private sealed record Column(string Name, IReadOnlyDictionary<string, MeasuredLevel> Tofu, AuditReport? Report);
}
