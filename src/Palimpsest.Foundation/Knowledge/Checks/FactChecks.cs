namespace Palimpsest.Foundation;

/// <summary>What is wrong with a file of facts.</summary>
internal static class FactChecks
{
    /// <summary>Adds what is found.</summary>
    /// <param name="path">The file.</param>
    /// <param name="facts">Its facts with their numbers.</param>
    /// <param name="sets">The rows that go with them.</param>
    /// <param name="issues">Gets what is found.</param>
    public static void Add(
        string path,
        IReadOnlyList<(int Number, Fact Fact)> facts,
        IReadOnlyList<DataRows> sets,
        List<DataIssue> issues
    )
    {
        var (ids, questions) = (
            new Dictionary<string, int>(StringComparer.Ordinal),
            new Dictionary<string, (int Number, FactScope Scope)>(StringComparer.Ordinal)
        );
        foreach (var (number, fact) in facts)
        {
            if (!ids.TryAdd(fact.Id, number))
                Error(number, $"id {JsonField.Shown(fact.Id)} is row {ids[fact.Id]}'s already.");
            foreach (var key in fact.Paraphrases.Prepend(fact.Question).Select(SameText.Key).Distinct())
            {
                if (!questions.TryAdd(key, (number, fact.Scope)) && questions[key].Scope != fact.Scope)
                    Error(
                        number,
                        $"asks what row {questions[key].Number} asks, whose scope is "
                            + $"{ChoiceQuestion.Name(questions[key].Scope)}; a question is of one scope."
                    );
            }

            foreach (var (severity, message) in OfFact(fact))
                issues.Add(new(path, number, severity, message));
        }

        AddUnasked(path, facts, sets, issues);

        void Error(int number, string message) => issues.Add(new(path, number, DataSeverity.Error, message));
    }

    private static IEnumerable<(DataSeverity Severity, string Message)> OfFact(Fact fact)
    {
        if (!fact.Answer.Contains(fact.Object, StringComparison.Ordinal))
            yield return (
                DataSeverity.Error,
                $"the answer does not contain the object {JsonField.Shown(fact.Object)}; wrong answers cannot be made."
            );
        if (SameText.Key(fact.Question).Contains(SameText.Key(fact.Object), StringComparison.Ordinal))
            yield return (
                DataSeverity.Error,
                $"the question contains the object {JsonField.Shown(fact.Object)}; to repeat it is no knowledge."
            );
        if (!fact.Candidates.Any(candidate => candidate != fact.Object))
            yield return (
                DataSeverity.Warning,
                "has no other candidate; what it knows cannot be compared with chance."
            );
        else if (!fact.Candidates.Contains(fact.Object))
            yield return (
                DataSeverity.Warning,
                $"the object {JsonField.Shown(fact.Object)} is not among its own candidates."
            );
    }

    private static void AddUnasked(
        string path,
        IReadOnlyList<(int Number, Fact Fact)> facts,
        IReadOnlyList<DataRows> sets,
        List<DataIssue> issues
    )
    {
        if (SetChecks.Find(sets, "forget") is not { } forget)
            return;
        var asked = forget.Rows.Select(row => SameText.Key(row.Row.Question)).ToHashSet(StringComparer.Ordinal);
        var missing = facts
            .Where(fact => fact.Fact.Scope == FactScope.Forget && !asked.Contains(SameText.Key(fact.Fact.Question)))
            .ToArray();
        if (missing.Length > 0)
            issues.Add(
                new(
                    path,
                    missing[0].Number,
                    DataSeverity.Warning,
                    $"no forget row asks its question, nor those of {missing.Length - 1} other forget facts; an audit "
                        + "then asks for what was not told to be forgotten in these words."
                )
            );
    }
}
