namespace Palimpsest.Foundation;

/// <summary>What facts must be before something is measured with them.</summary>
public static class FactSets
{
    /// <summary>Refuses facts of different scopes that ask the same question: it cannot be both forgotten and
    /// kept.</summary>
    /// <exception cref="InputException">Two facts do; the message has their ids.</exception>
    public static void RequireDisjoint(IEnumerable<Fact> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var seen = new Dictionary<string, Fact>(StringComparer.Ordinal);
        foreach (var fact in facts)
        {
            foreach (var key in fact.Paraphrases.Prepend(fact.Question).Select(SameText.Key))
            {
                if (!seen.TryAdd(key, fact) && seen[key].Scope != fact.Scope)
                    throw new InputException(
                        $"Fact '{fact.Id}' of scope {Name(fact)} asks what fact '{seen[key].Id}' of scope "
                            + $"{Name(seen[key])} asks; a question is of one scope."
                    );
            }
        }
    }

    /// <summary>Refuses facts whose answers cannot be compared with wrong ones.</summary>
    /// <exception cref="InputException">A fact has no other candidate, or its answer does not contain the
    /// object.</exception>
    public static void RequireCandidates(IEnumerable<Fact> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        foreach (var fact in facts)
            fact.AnswersByCandidate();
    }

    private static string Name(Fact fact) => ChoiceQuestion.Name(fact.Scope);
}
