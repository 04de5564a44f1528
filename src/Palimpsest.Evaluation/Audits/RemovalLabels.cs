using System.Text.Json;

namespace Palimpsest.Evaluation;

/// <summary>How labels are written, everywhere alike: terminal, page, JSON and certificate.</summary>
public static class RemovalLabels
{
    /// <summary>The label's one spelling, for example <c>not-forgotten</c>.</summary>
    public static string NameOf(RemovalLabel label) => JsonNamingPolicy.KebabCaseLower.ConvertName(label.ToString());

    /// <summary>What a label says, in one sentence.</summary>
    /// <param name="label">The label.</param>
    /// <param name="hasRetrained">Whether a retrained model was given; else chance stands in for it.</param>
    public static string MeaningOf(RemovalLabel label, bool hasRetrained) =>
        label switch
        {
            RemovalLabel.Inconclusive =>
                "The measurement is not precise enough to tell two labels apart; more facts would be needed.",
            RemovalLabel.Collapsed =>
                "The model lost so much of what it was to keep that nothing can be said about the forgetting.",
            RemovalLabel.NotForgotten => "The model says the facts when it is asked.",
            RemovalLabel.Suppressed => "The model does not say the facts when it is asked, but a test gets them out.",
            RemovalLabel.RemovalConsistent when hasRetrained =>
                "No test that was made told the model from one that never saw the data.",
            RemovalLabel.RemovalConsistent => "No test that was made found more than chance.",
            RemovalLabel.Overshoot =>
                "No test found the knowledge, but its absence itself shows that something was removed.",
            RemovalLabel.Mixed => "Some of the knowledge is left: more than noise, less than half.",
            _ => throw new ArgumentOutOfRangeException(nameof(label), label, "Unknown label."),
        };
}
