namespace Palimpsest.Evaluation;

/// <summary>Forget facts in two parts: one is taught again, the other is measured.</summary>
/// <param name="Taught">Facts whose answers a relearning test teaches.</param>
/// <param name="Measured">Other facts; empty when there are none.</param>
/// <param name="How">How they were parted, for reports.</param>
public sealed record RelearnSplit(IReadOnlyList<Fact> Taught, IReadOnlyList<Fact> Measured, string How)
{
    private const int LeastOfOneSubject = 4;

    /// <summary>
    /// Every other subject, in the order of their names, is taught. Where there is only one subject, every other one of
    /// its facts is; a subject of fewer than four facts is not split.
    /// </summary>
    /// <param name="facts">Facts of all scopes; those of scope forget are split.</param>
    public static RelearnSplit Of(IEnumerable<Fact> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        Fact[] forget = [.. facts.Where(fact => fact.Scope == FactScope.Forget)];
        string[] subjects = [.. forget.Select(fact => fact.Subject).Distinct().Order(StringComparer.Ordinal)];
        if (subjects.Length <= 1)
            return OfOneSubject(forget);
        var taught = subjects.Where((_, i) => i % 2 == 0).ToHashSet();
        return new(
            [.. forget.Where(fact => taught.Contains(fact.Subject))],
            [.. forget.Where(fact => !taught.Contains(fact.Subject))],
            "every other subject was taught, so that no measured fact is about a subject that was"
        );
    }

    /// <summary>Why there is nothing to measure, in one sentence without its full stop; null when there is.</summary>
    public string? WhyNot =>
        Measured.Count > 0
            ? null
            : $"the request is about one subject with {Taught.Count} facts; needed are at least "
                + $"{LeastOfOneSubject}, so that a part can be taught and the rest measured";

    /// <summary>The rows that are taught.</summary>
    public IReadOnlyList<(string Question, string Answer)> Rows =>
        [.. Taught.Select(fact => (fact.Question, fact.Answer))];

    private static RelearnSplit OfOneSubject(Fact[] forget) =>
        forget.Length < LeastOfOneSubject
            ? new(forget, [], "one subject, too few facts")
            : new(
                [.. forget.Where((_, i) => i % 2 == 0)],
                [.. forget.Where((_, i) => i % 2 == 1)],
                "the request is about one subject, so every other one of its facts was taught; what the taught facts "
                    + "say about the measured ones, they say to the retrained model too"
            );
}
