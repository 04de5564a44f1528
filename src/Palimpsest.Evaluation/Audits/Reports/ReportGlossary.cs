using System.Text;
using static Palimpsest.Evaluation.ReportText;

namespace Palimpsest.Evaluation;

/// <summary>The words of a report, each in a sentence.</summary>
internal static class ReportGlossary
{
    /// <summary>Words with their meaning, in the order of the page.</summary>
    public static IReadOnlyList<(string Word, string Meaning)> Words { get; } =
    [
        ("what it says", "what the model's replies state: when asked, and when asked around."),
        (
            "what it still holds",
            "what can be read from probabilities, hidden states and weights, whether the model says it or not."
        ),
        ("asked", "each forgotten fact's own question, in a fresh conversation."),
        (
            "Sleek",
            "an attack that asks around the fact: in other words, about neighbouring facts, by description, "
                + "step by step."
        ),
        ("probabilities", "the share of the true value among its candidates, after the question."),
        ("relearning", "a few of the forgotten facts are taught again; what returns of the others was never removed."),
        (
            "quantisation",
            "weights are rounded to 8 or 4 bits; unlearning that moved them by less than a step is undone."
        ),
        ("logit lens", "the output of a block within the model, read as if it were the last one."),
        ("linear probe", "a linear reader of hidden states, trained on kept facts and half of the forgotten subjects."),
        (
            "activation patching",
            "the candidate's hidden states take the place of the original's; what the original still answers, they "
                + "held."
        ),
        (
            "AUC",
            "the chance that a row the model never saw gets a higher membership score than a forgotten one; 0.5 "
                + "is guessing."
        ),
        ("min-k", "a membership score: the mean loss of a text's least likely tokens."),
        (
            "privacy leakage",
            "how far that AUC is from the reference's, in percent; below 0 it remembers, above 0 its forgetting shows."
        ),
        ("truth ratio", "how likely wrong answers are beside the right one."),
        ("kept", "knowledge of what was not to be forgotten, as a share of the original's."),
    ];

    /// <summary>The glossary as a card.</summary>
    public static string Card()
    {
        var html = new StringBuilder(
            "<details class=\"card\"><summary>Words of this page</summary><dl class=\"small\">"
        );
        foreach (var (word, meaning) in Words)
            html.Append("<dt><b>").Append(Html(word)).Append("</b></dt><dd>").Append(Html(meaning)).Append("</dd>");
        return html.Append("</dl></details>").ToString();
    }
}
