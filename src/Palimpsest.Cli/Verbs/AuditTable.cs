using System.Globalization;
using Palimpsest.Evaluation;
using Spectre.Console;

namespace Palimpsest.Cli.Verbs;

/// <summary>Audits as one table.</summary>
internal static class AuditTable
{
    public static Table Of(IReadOnlyList<AuditReport> reports)
    {
        var table = new Table()
            .Border(TableBorder.Simple)
            .AddColumns(
                "Method",
                "Asked directly",
                "Sleek leak",
                "Relearning",
                "8 bit",
                "4 bit",
                "Membership AUC",
                "Utility",
                "Verdict"
            );
        foreach (var report in reports)
        {
            table.AddRow(
                Markup.Escape(report.Method),
                Rate(report.Sleek.SeedLeak),
                Rate(report.Sleek.Leak),
                Evidence(report, "relearning"),
                Evidence(report, "8-bit quantisation"),
                Evidence(report, "4-bit quantisation"),
                report.Tofu["candidate"].TryGetValue("mia_min_k", out var auc)
                    ? auc.ToString("f2", CultureInfo.InvariantCulture)
                    : "–",
                Share(report.Verdict.Utility),
                Markup.Escape(report.Verdict.Label.ToString())
            );
        }

        return table;
    }

    private static string Rate(Rate rate) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{rate.Value:p0} ({rate.Interval.Low:p0}–{rate.Interval.High:p0}, n={rate.N})"
        );

    private static string Share(double share) => share.ToString("p0", CultureInfo.InvariantCulture);

    private static string Evidence(AuditReport report, string test) =>
        report.Verdict.Evidence.FirstOrDefault(e => e.Test == test) is { } found ? Share(found.Value) : "–";
}
