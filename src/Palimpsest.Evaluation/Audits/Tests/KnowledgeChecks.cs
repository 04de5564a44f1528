namespace Palimpsest.Evaluation;

/// <summary>Checks that tests of probabilities make before any work.</summary>
internal static class KnowledgeChecks
{
    /// <summary>Why knowledge of facts cannot be measured; null when it can.</summary>
    /// <exception cref="InputException">A fact's answer does not contain its object.</exception>
    public static string? WhyNot(IEnumerable<Fact> facts)
    {
        var measurable = FactKnowledge.Measurable(facts);
        foreach (var fact in measurable)
            _ = fact.AnswersByCandidate();
        return measurable.Count > 0
            ? null
            : "no forgotten fact has wrong answers to compare with (perturbed_answer of rows, candidates of facts)";
    }
}
