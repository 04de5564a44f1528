namespace Palimpsest.Foundation;

/// <summary>What is wrong with the rows of one file.</summary>
internal static class RowChecks
{
    private const int LeastWords = 3;
    private const double MostRatio = 2;

    /// <summary>Adds what is found.</summary>
    public static void Add(DataRows set, List<DataIssue> issues)
    {
        AddDuplicates(set, issues);
        foreach (var (number, row) in set.Rows)
        {
            foreach (var (severity, message) in OfRow(row))
                issues.Add(new(set.Path, number, severity, message));
        }

        var without = set.Rows.Where(row => row.Row.PerturbedAnswers.Count == 0).ToArray();
        if (without.Length > 0 && without.Length < set.Rows.Count && set.Part != "holdout")
            issues.Add(
                new(
                    set.Path,
                    without[0].Number,
                    DataSeverity.Error,
                    $"has no 'perturbed_answer', as have {without.Length} of {set.Rows.Count} rows; what compares with "
                        + "wrong answers needs them in every row."
                )
            );
    }

    private static void AddDuplicates(DataRows set, List<DataIssue> issues)
    {
        var seen = new Dictionary<string, (int Number, string Answer)>(StringComparer.Ordinal);
        foreach (var (number, row) in set.Rows)
        {
            var (question, answer) = (SameText.Key(row.Question), SameText.Key(row.Answer));
            if (seen.TryAdd(question, (number, answer)))
                continue;
            var (first, other) = seen[question];
            issues.Add(
                answer == other
                    ? new(set.Path, number, DataSeverity.Warning, $"is row {first} once more; it counts twice.")
                    : new(
                        set.Path,
                        number,
                        DataSeverity.Error,
                        $"asks what row {first} asks and gives another answer; a question has one answer."
                    )
            );
        }
    }

    /// <summary>What is wrong with a row by itself.</summary>
    public static IEnumerable<(DataSeverity Severity, string Message)> OfRow(QuestionAnswer row)
    {
        var (question, answer) = (SameText.Key(row.Question), SameText.Key(row.Answer));
        if (answer.Contains(question, StringComparison.Ordinal))
            yield return (
                DataSeverity.Error,
                "the answer contains the question; its words would be trained and scored as if they were known."
            );
        else if (question.Contains(answer.TrimEnd('.'), StringComparison.Ordinal))
            yield return (DataSeverity.Error, "the question contains the answer; to repeat it is no knowledge.");
        if (row.ParaphrasedAnswer is { } otherAnswer && SameText.Key(otherAnswer) == answer)
            yield return (
                DataSeverity.Warning,
                "'paraphrased_answer' is the answer itself; wrong answers are then compared with a sentence that was "
                    + "learnt."
            );
        if (row.ParaphrasedQuestion is { } otherQuestion && SameText.Key(otherQuestion) == question)
            yield return (DataSeverity.Warning, "'paraphrased_question' is the question itself.");
        foreach (var message in OfWrongAnswers(row))
            yield return message;
    }

    private static IEnumerable<(DataSeverity Severity, string Message)> OfWrongAnswers(QuestionAnswer row)
    {
        string[] right = [SameText.Key(row.Answer), SameText.Key(row.ParaphrasedAnswer ?? row.Answer)];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var words = Words(row.ParaphrasedAnswer ?? row.Answer);
        for (var i = 0; i < row.PerturbedAnswers.Count; i++)
        {
            var key = SameText.Key(row.PerturbedAnswers[i]);
            if (key.Length == 0)
                yield return (DataSeverity.Error, $"'perturbed_answer' {i + 1} is empty.");
            else if (right.Contains(key))
                yield return (
                    DataSeverity.Error,
                    $"'perturbed_answer' {i + 1}, {JsonField.Shown(row.PerturbedAnswers[i])}, is the right answer."
                );
            else if (!seen.Add(key))
                yield return (DataSeverity.Warning, $"'perturbed_answer' {i + 1} is there twice.");
            var length = Words(row.PerturbedAnswers[i]);
            if (Math.Abs(length - words) >= LeastWords && Math.Max(length, words) > MostRatio * Math.Min(length, words))
                yield return (
                    DataSeverity.Warning,
                    $"'perturbed_answer' {i + 1} has {length} words and the right answer {words}; a model can tell "
                        + "them apart by length alone."
                );
        }
    }

    /// <summary>Number of words.</summary>
    public static int Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
}
