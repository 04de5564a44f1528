using System.Globalization;
using System.Net;

namespace Palimpsest.Evaluation;

/// <summary>Words that reports use for labels, categories and numbers; every text is escaped here.</summary>
internal static class ReportText
{
    /// <summary>How far a verdict goes.</summary>
    public const string Statement =
        "Absence of recovery by the tests that were made is evidence, not proof, of removal.";

    /// <summary>Text as HTML.</summary>
    public static string Html(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A label as a coloured mark.</summary>
    public static string Mark(RemovalLabel label) =>
        $"<span class=\"label {RemovalLabels.NameOf(label)}\">{RemovalLabels.NameOf(label)}</span>";

    /// <summary>The heading of an axis.</summary>
    public static string TitleOf(AuditAxis axis) =>
        axis switch
        {
            AuditAxis.Says => "What it says",
            AuditAxis.Holds => "What it still holds",
            _ => "What it says and still holds",
        };

    /// <summary>What the zero of a report's shares is.</summary>
    public static string ZeroOf(AuditReport report) => report.HasRetrained ? "the retrained model" : "chance";

    /// <summary>What a category of questions does.</summary>
    public static string Of(ProbeCategory category) =>
        category switch
        {
            ProbeCategory.Direct => "asked in other words",
            ProbeCategory.Indirect => "asked around it",
            ProbeCategory.Implied => "described, not named",
            _ => "unrelated control",
        };

    /// <summary>A share as whole percent.</summary>
    public static string Percent(double share) =>
        double.IsNaN(share) ? PercentText.Missing : PercentText.Whole(share) + "\u00a0%";

    /// <summary>An interval in whole percent.</summary>
    public static string Percent(Interval interval) =>
        $"{PercentText.Whole(interval.Low)}–{PercentText.Whole(interval.High)}\u00a0%";

    /// <summary>A legend of the models in a figure.</summary>
    public static string Key(IEnumerable<string> models) =>
        $"<ul class=\"key "
        + $"small\">{string.Concat(models.Select(model => $"<li class=\"{Html(model)}\">{Html(model)}</li>"))}</ul>";
}
