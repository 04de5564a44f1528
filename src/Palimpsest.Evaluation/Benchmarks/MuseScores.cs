namespace Palimpsest.Evaluation;

/// <summary>MUSE's functions that need no model.</summary>
public static class MuseScores
{
    private static readonly string[] Stops = ["\n\n", "\nQuestion", "Question:"];

    /// <summary>The answer in a text: what stands before the first blank line, then before a line that begins with
    /// "Question", then before "Question:", one after the other.</summary>
    public static string Cut(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var stop in Stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0)
                text = text[..at];
        }

        return text;
    }

    /// <summary>The prompt of a question after answered ones.</summary>
    /// <param name="examples">Answered questions; may be empty.</param>
    /// <param name="question">The question.</param>
    public static string Prompt(IEnumerable<QuestionAnswer> examples, string question) =>
        string.Concat(examples.Select(row => $"Question: {row.Question}\nAnswer: {row.Answer}\n\n"))
        + $"Question: {question}\nAnswer: ";

    /// <summary>A text's min-k score, high = not a member: minus the mean of its ⌊n·k⌋ lowest
    /// log-probabilities.</summary>
    /// <param name="logProbabilities">One per token after the first.</param>
    /// <param name="options">The share, and what counts where it is less than one token.</param>
    /// <returns>The score; NaN where it is less than one token and that does not count.</returns>
    public static double MinK(ReadOnlySpan<float> logProbabilities, MuseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (logProbabilities.Length == 0)
            return double.NaN;
        return !options.AtLeastOneToken && (int)(logProbabilities.Length * options.MinKShare) == 0
            ? double.NaN
            : MembershipScore.MinK(logProbabilities, options.MinKShare);
    }

    /// <summary>The stopping rule: the first checkpoint, in order of growing strength, whose knowledge of the forget
    /// set is at most that of the retrained model; the last where none is.</summary>
    /// <param name="knowledge">Of each checkpoint, at least one.</param>
    /// <param name="retrained">That of the retrained model.</param>
    /// <returns>Its place, and whether the rule held there.</returns>
    public static (int Place, bool Qualifies) Stop(IReadOnlyList<double> knowledge, double retrained)
    {
        ArgumentNullException.ThrowIfNull(knowledge);
        ArgumentOutOfRangeException.ThrowIfZero(knowledge.Count, nameof(knowledge));
        for (var i = 0; i < knowledge.Count; i++)
        {
            if (knowledge[i] <= retrained)
                return (i, true);
        }

        return (knowledge.Count - 1, false);
    }
}
