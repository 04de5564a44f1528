using System.Globalization;
using System.Net;
using System.Text;

namespace Palimpsest.Evaluation;

/// <summary>The benchmark's numbers as a table that says what each means and which way is better.</summary>
internal static class ReportMetrics
{
    private static readonly string[] Models = ["original", "candidate", "retrained"];

    private static readonly (string Part, (string Name, string Title, string Wanted)[] Rows)[] Parts =
    [
        (
            "What it says when asked",
            [
                ("answer_accuracy", "Forget questions answered", "as retrained"),
                ("forget_Q_A_ROUGE", "Overlap with the forgotten answers (ROUGE-L recall)", "as retrained"),
            ]
        ),
        (
            "What it still holds",
            [
                ("forget_Q_A_Prob", "Probability of the forgotten answers", "as retrained"),
                ("exact_memorization", "Tokens of them that it would continue", "as retrained"),
                ("extraction_strength", "Share of them that a part of the answer brings out", "as retrained"),
                ("forget_truth_ratio", "Truth ratio: wrong against right answers", "as retrained"),
                ("forget_quality", "Forget quality: chance that truth ratios are the retrained model's", "1"),
            ]
        ),
        (
            "Whether it gives away that it once saw them",
            [
                ("mia_loss", "Membership by loss (AUC)", "0.5"),
                ("mia_min_k", "Membership by least likely tokens (AUC)", "0.5"),
                ("mia_min_k_plus_plus", "The same against the vocabulary (AUC)", "0.5"),
                ("mia_zlib", "Membership by loss per compressed byte (AUC)", "0.5"),
                ("mia_reference", "Membership by loss above a reference model's (AUC)", "0.5"),
                ("mia_gradnorm", "Membership by gradient norm (AUC)", "0.5"),
                ("privleak", "Privacy leakage against the retrained model, percent", "0"),
            ]
        ),
        ("What it kept", [("model_utility", "Utility on what was to be kept", "as original")]),
    ];

    public static string Table(AuditReport report)
    {
        string[] models = [.. Models.Where(report.Tofu.ContainsKey)];
        var table = new StringBuilder("<table><thead><tr><th>Metric</th>");
        foreach (var model in models)
            table.Append("<th class=\"n\">").Append(model).Append("</th>");
        table.Append("<th class=\"n\">wanted</th></tr></thead><tbody>");
        foreach (var (part, rows) in Parts)
        {
            var known = rows.Where(row => models.Any(model => report.Tofu[model].ContainsKey(row.Name))).ToArray();
            if (known.Length > 0)
                table.Append(
                    CultureInfo.InvariantCulture,
                    $"<tr class=\"part\"><td colspan=\"{models.Length + 2}\">{part}</td></tr>"
                );
            foreach (var (name, title, wanted) in known)
                Append(table, report, models, (name, title, wanted));
        }

        return table.Append("</tbody></table>").ToString();
    }

    private static void Append(
        StringBuilder table,
        AuditReport report,
        string[] models,
        (string Name, string Title, string Wanted) row
    )
    {
        table.Append(
            CultureInfo.InvariantCulture,
            $"<tr><td>{WebUtility.HtmlEncode(row.Title)} <code class=\"dim\">{row.Name}</code></td>"
        );
        foreach (var model in models)
            table.Append(
                report.Tofu[model].TryGetValue(row.Name, out var value)
                    ? $"<td class=\"n\">{Number(value)}</td>"
                    : "<td class=\"n dim\">–</td>"
            );
        table.Append("<td class=\"n dim\">").Append(row.Wanted).Append("</td></tr>");
    }

    private static string Number(double value) =>
        Math.Abs(value) is > 0 and < 1e-3
            ? value.ToString("0.0e0", CultureInfo.InvariantCulture)
            : value.ToString(Math.Abs(value) >= 10 ? "f1" : "f3", CultureInfo.InvariantCulture);
}
