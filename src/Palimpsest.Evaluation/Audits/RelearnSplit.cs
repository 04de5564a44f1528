namespace Palimpsest.Evaluation;

/// <summary>Forget facts in two halves that share no subject: one is taught again, the other is measured.</summary>
/// <param name="Taught">Facts whose answers a relearning test teaches.</param>
/// <param name="Measured">Facts of other subjects; empty when there is only one subject.</param>
public sealed record RelearnSplit(IReadOnlyList<Fact> Taught, IReadOnlyList<Fact> Measured)
{
    /// <summary>Every other subject, in the order of their names, is taught.</summary>
    /// <param name="facts">Facts of all scopes; those of scope forget are split.</param>
    public static RelearnSplit Of(IEnumerable<Fact> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        Fact[] forget = [.. facts.Where(fact => fact.Scope == FactScope.Forget)];
        var taught = forget
            .Select(fact => fact.Subject)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .Where((_, i) => i % 2 == 0)
            .ToHashSet();
        return new(
            [.. forget.Where(fact => taught.Contains(fact.Subject))],
            [.. forget.Where(fact => !taught.Contains(fact.Subject))]
        );
    }

    /// <summary>The rows that are taught.</summary>
    public IReadOnlyList<(string Question, string Answer)> Rows =>
        [.. Taught.Select(fact => (fact.Question, fact.Answer))];
}
