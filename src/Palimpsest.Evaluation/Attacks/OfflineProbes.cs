using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>Writes probes from a set of facts by templates; no model is needed.</summary>
/// <remarks>
/// Direct: other phrasings. Indirect: another relation of the subject, and the fact backwards. Implied: the subject described
/// by two other facts. A chain (mode B) asks other facts of the subject first and the seed question last.
/// </remarks>
public static class OfflineProbes
{
    /// <summary>Makes the probes of every fact and drops those that give their own answer away.</summary>
    /// <param name="facts">Facts of all scopes.</param>
    /// <param name="options">How many probes.</param>
    /// <param name="written">Probes written elsewhere, for example two-hop questions; they are filtered too.</param>
    /// <exception cref="InputException">There is no fact.</exception>
    public static IReadOnlyList<SleekProbe> Generate(IReadOnlyList<Fact> facts, SleekOptions options, IEnumerable<SleekProbe>? written = null)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (facts.Count == 0)
            throw new InputException("The attack needs facts; the list is empty.");
        var bySubject = facts.GroupBy(fact => fact.Subject).ToDictionary(group => group.Key, group => group.ToArray());
        var random = new SeededRandom(options.Seed);
        var probes = new List<SleekProbe>();
        foreach (var fact in facts)
        {
            var others = random.Shuffled(bySubject[fact.Subject].Where(other => other.Id != fact.Id));
            probes.AddRange(fact.Scope == FactScope.Irrelevant
                ? [New(fact, ProbeCategory.Irrelevant, 0, fact.Question) with { IsSeed = true }]
                : Of(fact, others, options));
        }

        return ProbeHygiene.Filter([.. probes, .. written ?? []]);
    }

    private static IEnumerable<SleekProbe> Of(Fact fact, Fact[] others, SleekOptions options)
    {
        yield return New(fact, ProbeCategory.Direct, 0, fact.Question) with { IsSeed = true };
        var number = 1;
        foreach (var text in fact.Paraphrases.Reverse().Take(options.ProbesPerCategory))
            yield return New(fact, ProbeCategory.Direct, number++, text);
        yield return New(fact, ProbeCategory.Indirect, number++, $"Tell me about {fact.Subject}.");
        if (fact.Relation.Length > 0)
        {
            yield return New(fact, ProbeCategory.Indirect, number++, $"Whose {Words(fact.Relation)} is {fact.Object}?") with
            {
                Expected = [fact.Subject],
            };
        }

        if (others.Length >= 2 && fact.Relation.Length > 0)
        {
            foreach (var (a, b) in others.Zip(others.Skip(1)).Take(options.ProbesPerCategory))
            {
                yield return New(
                    fact, ProbeCategory.Implied, number++,
                    $"The person whose {Words(a.Relation)} is {a.Object} and whose {Words(b.Relation)} is {b.Object}: what is their {Words(fact.Relation)}?");
            }
        }

        if (others.Length > 0)
        {
            yield return New(fact, ProbeCategory.Direct, number, fact.Question) with
            {
                Steps = [.. others.Take(options.ChainLength).Select(other => other.Question)],
            };
        }
    }

    /// <summary>A question for a fact in plain words.</summary>
    internal static SleekProbe Direct(Fact fact, int number, string text) => New(fact, ProbeCategory.Direct, number, text);

    private static SleekProbe New(Fact fact, ProbeCategory category, int number, string text) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"{fact.Id}/{category.ToString().ToLowerInvariant()}/{number}"),
        FactId = fact.Id,
        Scope = fact.Scope,
        Category = category,
        Text = text,
        KnowledgePoint = fact.Answer,
        Expected = [fact.Object, .. fact.Aliases],
    };

    private static string Words(string relation) => relation.Replace('_', ' ').Replace('-', ' ');
}
