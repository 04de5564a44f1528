namespace Palimpsest.Evaluation;

/// <summary>Tells a question's category by rule, from the triples.</summary>
/// <remarks>
/// Direct: names the subject and asks the relation. Indirect: names the subject or the object and asks something else.
/// Implied: names neither.
/// </remarks>
/// <param name="facts">All facts.</param>
public sealed class ProbeLabeller(IReadOnlyList<Fact> facts)
{
    private readonly ILookup<string, string> _factsByQuestion = facts
        .SelectMany(fact =>
            fact.Paraphrases.Append(fact.Question).Select(question => (Folded: FoldedText.Of(question), fact.Id))
        )
        .ToLookup(pair => pair.Folded, pair => pair.Id);

    /// <summary>True when the fact is a triple of a graph, not just a row with a question and an answer.</summary>
    public static bool HasTriple(Fact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return fact.Relation is not ("" or "answer");
    }

    /// <summary>The category of a question that is after a fact.</summary>
    public ProbeCategory Label(string question, Fact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        if (fact.Scope == FactScope.Irrelevant)
            return ProbeCategory.Irrelevant;
        var words = FoldedText.Words(question);
        if (Names(words, fact.Subject))
            return Asks(words, fact) ? ProbeCategory.Direct : ProbeCategory.Indirect;
        return Names(words, fact.Object) ? ProbeCategory.Indirect : ProbeCategory.Implied;
    }

    /// <summary>
    /// The category of a question in free wording: what its writer says, but where the rule is certain. Whether the
    /// subject is named is certain; whether other words ask the same relation is not.
    /// </summary>
    public ProbeCategory Check(string question, ProbeCategory written, Fact fact)
    {
        if (!HasTriple(fact))
            return written;
        var label = Label(question, fact);
        var isCertain =
            label is ProbeCategory.Implied or ProbeCategory.Direct
            || written is ProbeCategory.Implied or ProbeCategory.Irrelevant
            || !Names(FoldedText.Words(question), fact.Subject);
        return isCertain ? label : written;
    }

    private bool Asks(IReadOnlyList<string> words, Fact fact)
    {
        var known = _factsByQuestion[string.Join(' ', words)].ToArray();
        return known.Length > 0
            ? known.Contains(fact.Id)
            : Names(words, fact.Relation.Replace('_', ' ').Replace('-', ' '));
    }

    private static bool Names(IReadOnlyList<string> words, string name) =>
        FoldedText.IndexOf(words, FoldedText.Words(name)) >= 0;
}
