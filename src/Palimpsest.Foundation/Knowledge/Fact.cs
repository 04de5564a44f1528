namespace Palimpsest.Foundation;

/// <summary>A triple with the question that asks for it; the JSON-lines record of probes and worlds.</summary>
public sealed record Fact
{
    /// <summary>Unique within a file.</summary>
    public required string Id { get; init; }

    /// <summary>What the deletion request says about it.</summary>
    public required FactScope Scope { get; init; }

    /// <summary>Whom or what it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>The relation's name, for example <c>birthplace</c>.</summary>
    public required string Relation { get; init; }

    /// <summary>The value.</summary>
    public required string Object { get; init; }

    /// <summary>Other ways to write the object.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The seed question.</summary>
    public required string Question { get; init; }

    /// <summary>The full answer, which contains the object.</summary>
    public required string Answer { get; init; }

    /// <summary>Other phrasings of the question.</summary>
    public IReadOnlyList<string> Paraphrases { get; init; } = [];

    /// <summary>The closed set of values from which the object was drawn; empty when unknown.</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];

    /// <summary>The answer first, then the same sentence with each other candidate in the object's place.</summary>
    /// <exception cref="InputException">There is no other candidate, or the answer does not contain the
    /// object.</exception>
    public IReadOnlyList<string> AnswersByCandidate()
    {
        string[] wrong = [.. Candidates.Where(candidate => candidate != Object)];
        if (wrong.Length == 0)
            throw new InputException(
                $"Fact '{Id}' has no other candidate value; knowledge of it cannot be measured against chance."
            );
        if (!Answer.Contains(Object, StringComparison.Ordinal))
            throw new InputException($"Fact '{Id}': the answer '{Answer}' does not contain the object '{Object}'.");
        return [Answer, .. wrong.Select(candidate => Answer.Replace(Object, candidate, StringComparison.Ordinal))];
    }
}
