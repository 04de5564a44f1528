namespace Palimpsest.Foundation;

/// <summary>A question with the right answer and wrong ones of the same form.</summary>
public sealed record ChoiceQuestion
{
    /// <summary>Unique within a file.</summary>
    public required string Id { get; init; }

    /// <summary>What is counted together, for example <c>forget</c> or <c>forget, rephrased</c>.</summary>
    public required string Group { get; init; }

    /// <summary>The question.</summary>
    public required string Question { get; init; }

    /// <summary>At least two different answers; the first is right.</summary>
    public required IReadOnlyList<string> Choices { get; init; }

    /// <summary>A fact as its seed question and one question for each other phrasing, the latter in a group of their
    /// own.</summary>
    /// <exception cref="InputException">The fact has no other candidate, or its answer does not contain the
    /// object.</exception>
    public static IEnumerable<ChoiceQuestion> Of(Fact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return Phrasings(fact.Id, Name(fact.Scope), fact.Question, fact.Paraphrases, fact.AnswersByCandidate());
    }

    /// <summary>A row with wrong answers as its question and, where there is one, the question in other
    /// words.</summary>
    /// <param name="row">The row.</param>
    /// <param name="number">Its number, for the id.</param>
    /// <param name="group">The group.</param>
    /// <exception cref="InputException">The row has no wrong answer.</exception>
    public static IEnumerable<ChoiceQuestion> Of(QuestionAnswer row, int number, string group = "rows")
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.PerturbedAnswers.Count == 0)
            throw new InputException(
                $"Row {number} has no wrong answer to choose from; needed is at least one in 'perturbed_answer'."
            );
        return Phrasings(
            FormattableString.Invariant($"{number}"),
            group,
            row.Question,
            row.ParaphrasedQuestion is { } other ? [other] : [],
            [row.Answer, .. row.PerturbedAnswers]
        );
    }

    /// <summary>The group's name of a scope.</summary>
    public static string Name(FactScope scope) => scope.ToString().ToLowerInvariant();

    /// <summary>The name of the group that holds another group's questions in other words.</summary>
    public static string Rephrased(string group) => $"{group}, rephrased";

    private static IEnumerable<ChoiceQuestion> Phrasings(
        string id,
        string group,
        string question,
        IReadOnlyList<string> others,
        IReadOnlyList<string> choices
    )
    {
        yield return new()
        {
            Id = id,
            Group = group,
            Question = question,
            Choices = choices,
        };
        for (var i = 0; i < others.Count; i++)
            yield return new()
            {
                Id = FormattableString.Invariant($"{id}/{i + 1}"),
                Group = Rephrased(group),
                Question = others[i],
                Choices = choices,
            };
    }
}
