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
            .AddColumns("Method", "Verdict", "Says when asked", "Says when asked around");
        string[] tests =
        [
            .. reports
                .SelectMany(report => report.Verdict.Evidence)
                .Where(test => test.Axis == AuditAxis.Holds)
                .Select(test => test.Test)
                .Distinct(),
        ];
        foreach (var test in tests)
            table.AddColumn($"Holds: {Markup.Escape(test)}");
        table.AddColumns("Membership AUC", "Kept");
        foreach (var report in reports)
        {
            table.AddRow([
                Markup.Escape(report.Method),
                RemovalLabels.NameOf(report.Verdict.Label),
                Level(report, "asked"),
                Level(report, "Sleek"),
                .. tests.Select(test => Evidence(report, test)),
                report.Tofu?.Summary["candidate"].GetValueOrDefault("mia_min_k") is { N: > 0 } auc
                    ? auc.Value.ToString("f2", CultureInfo.InvariantCulture)
                    : "–",
                LevelText.Format(report.Verdict.Utility),
            ]);
        }

        return table;
    }

    /// <summary>What stands above the table when the claim is weaker.</summary>
    public static string? Claim(IReadOnlyList<AuditReport> reports) =>
        reports.All(report => report.HasRetrained)
            ? null
            : "No retrained model was given: chance stands in for it, and every claim is weaker.";

    private static string Level(AuditReport report, string test) =>
        report.Find(test)?.Levels.GetValueOrDefault("candidate") is { } level
            ? LevelText.Format(level)
            : PercentText.Missing;

    // What was there before a test, and what it brings back beyond that.
    private static string Evidence(AuditReport report, string test)
    {
        if (report.Verdict.Evidence.FirstOrDefault(e => e.Test == test) is not { } found)
            return "–";
        return found.Before is { } before && found.Gain > 0
            ? $"{PercentText.Of(before)} + {PercentText.Of(found.Gain)}"
            : PercentText.Of(found.Value);
    }
}
