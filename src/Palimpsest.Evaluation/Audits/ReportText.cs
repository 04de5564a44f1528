using System.Globalization;
using System.Net;
using System.Text.Json;

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
        $"<span class=\"label {Name(label)}\">{Name(label).Replace('-', ' ')}</span>";

    /// <summary>What a label says, in one sentence.</summary>
    public static string Meaning(RemovalLabel label) =>
        label switch
        {
            RemovalLabel.Inconclusive =>
                "The measurement is not precise enough to tell two labels apart; more facts would be needed.",
            RemovalLabel.Collapsed =>
                "The model lost so much of what it was to keep that nothing can be said about the forgetting.",
            RemovalLabel.NotForgotten => "Asked directly, the model still shows the knowledge.",
            RemovalLabel.Suppressed =>
                "The model does not show the knowledge, but still has it: a test brought it back.",
            RemovalLabel.RemovalConsistent => "No test that was made told the model from one that never saw the data.",
            RemovalLabel.Overshoot =>
                "No test brought the knowledge back, but its absence itself shows that something was removed.",
            RemovalLabel.Mixed => "Some of the knowledge came back: more than noise, less than half.",
            _ => throw new ArgumentOutOfRangeException(nameof(label), label, "Unknown label."),
        };

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
    public static string Percent(double share) => double.IsNaN(share) ? "–" : Whole(share) + "\u00a0%";

    /// <summary>An interval in whole percent.</summary>
    public static string Percent(Interval interval) =>
        string.Create(CultureInfo.InvariantCulture, $"{Whole(interval.Low)}–{Whole(interval.High)}\u00a0%");

    /// <summary>A legend of the models in a figure.</summary>
    public static string Key(IEnumerable<string> models) =>
        $"<ul class=\"key small\">{string.Concat(models.Select(model => $"<li class=\"{Html(model)}\">{Html(model)}</li>"))}</ul>";

    // Adding 0 takes the sign off a negative zero.
    private static string Whole(double share) =>
        (Math.Round(100 * share, MidpointRounding.AwayFromZero) + 0.0).ToString("f0", CultureInfo.InvariantCulture);

    private static string Name(RemovalLabel label) => JsonNamingPolicy.KebabCaseLower.ConvertName(label.ToString());
}
