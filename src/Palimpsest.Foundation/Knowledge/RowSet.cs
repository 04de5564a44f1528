namespace Palimpsest.Foundation;

/// <summary>Rows with the name by which a message calls them: a file, or the part that they play.</summary>
/// <param name="Name">A file's path, or for example <c>holdout</c>.</param>
/// <param name="Rows">The rows, in the file's order.</param>
public sealed record RowSet(string Name, IReadOnlyList<QuestionAnswer> Rows)
{
    /// <summary>Refuses sets of which two share a question, however it is spaced or cased.</summary>
    /// <remarks>Membership scores, leakage and forget quality compare sets that are taken as disjoint: a row in both
    /// gives the score of chance, which reads as perfect forgetting.</remarks>
    /// <exception cref="InputException">A question is in two sets; the message has the first.</exception>
    public static void RequireDisjoint(params IReadOnlyList<RowSet> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var set = 0; set < sets.Count; set++)
        {
            var shared = sets[set]
                .Rows.Select((row, i) => (row.Question, Number: i + 1, Key: SameText.Key(row.Question)))
                .Where(row => first.ContainsKey(row.Key))
                .ToArray();
            if (shared.Length > 0)
            {
                var other = sets[first[shared[0].Key]].Name;
                var count = shared.Count(row => sets[first[row.Key]].Name == other);
                throw new InputException(
                    $"{sets[set].Name}, row {shared[0].Number}: {JsonField.Shown(shared[0].Question)} is in {other} "
                        + $"too; {count} questions are in both, allowed is none."
                );
            }

            foreach (var row in sets[set].Rows)
                first.TryAdd(SameText.Key(row.Question), set);
        }
    }

    /// <summary>Refuses a set in which a row lacks wrong answers.</summary>
    /// <exception cref="InputException">A row has none; the message has the first.</exception>
    public void RequireWrongAnswers()
    {
        for (var i = 0; i < Rows.Count; i++)
        {
            if (Rows[i].PerturbedAnswers.Count == 0)
                throw new InputException(
                    $"{Name}, row {i + 1}: 'perturbed_answer' is missing or empty in "
                        + $"{Rows.Count(row => row.PerturbedAnswers.Count == 0)} of {Rows.Count} rows; needed is at "
                        + $"least one wrong answer in each."
                );
        }
    }
}
