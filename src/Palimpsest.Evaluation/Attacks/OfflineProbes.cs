using System.Globalization;

namespace Palimpsest.Evaluation;

/// <summary>Writes probes from a set of facts by templates; no model is needed.</summary>
/// <remarks>
/// Direct: other phrasings. Indirect: the subject at large, its other relations, and the fact backwards. Implied: the
/// subject described by two other facts. A conversation (mode B) asks other facts of the subject first and the seed
/// question last; a target that follows instructions also gets them in one prompt.
/// </remarks>
public static class OfflineProbes
{
    /// <summary>Makes the probes of every fact and drops those that give their own answer away.</summary>
    /// <param name="facts">Facts of all scopes.</param>
    /// <param name="options">How many probes.</param>
    /// <param name="written">Probes written elsewhere, for example two-hop questions; they are filtered too.</param>
    /// <exception cref="InputException">There is no fact.</exception>
    public static IReadOnlyList<SleekProbe> Generate(
        IReadOnlyList<Fact> facts,
        SleekOptions options,
        IEnumerable<SleekProbe>? written = null
    )
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
            probes.AddRange(
                fact.Scope == FactScope.Irrelevant
                    ? [New(fact, ProbeCategory.Irrelevant, 0, fact.Question) with { Mode = ProbeMode.Seed }]
                    : Of(fact, others, options)
            );
        }

        return ProbeHygiene.Filter([.. probes, .. written ?? []]);
    }

    /// <summary>The chain, the conversation and the cells of the factor grid over given helper questions.</summary>
    internal static IEnumerable<SleekProbe> WithSteps(Fact fact, IReadOnlyList<string> steps, SleekOptions options)
    {
        if (steps.Count == 0)
            yield break;
        SleekProbe Seed(int number, ProbeMode mode, bool reasoning) =>
            New(fact, ProbeCategory.Direct, number, fact.Question) with
            {
                Id = $"{fact.Id}/{mode.ToString().ToLowerInvariant()}{(reasoning ? "-reasoned" : "")}",
                Mode = mode,
                Reasoning = reasoning,
                Steps = mode == ProbeMode.Seed ? [] : steps,
            };
        yield return Seed(0, ProbeMode.Conversation, reasoning: false);
        if (options.Instructed)
            yield return Seed(0, ProbeMode.Chain, reasoning: true);
        if (!options.FactorGrid || fact.Scope != FactScope.Forget)
            yield break;
        foreach (var mode in new[] { ProbeMode.Seed, ProbeMode.Chain, ProbeMode.Conversation })
        {
            foreach (var reasoning in new[] { false, true })
            {
                var cell = Seed(0, mode, reasoning);
                yield return cell with
                {
                    Id = cell.Id + "-cell",
                    IsFactorCell = true,
                };
            }
        }
    }

    private static IEnumerable<SleekProbe> Of(Fact fact, Fact[] others, SleekOptions options)
    {
        yield return New(fact, ProbeCategory.Direct, 0, fact.Question) with
        {
            Mode = ProbeMode.Seed,
        };
        var number = 1;
        foreach (var text in fact.Paraphrases.Reverse().Take(options.ProbesPerCategory))
            yield return New(fact, ProbeCategory.Direct, number++, text);
        yield return New(fact, ProbeCategory.Indirect, number++, $"Tell me about {fact.Subject}.");
        foreach (var other in others.Take(options.ProbesPerCategory - 1))
            yield return New(fact, ProbeCategory.Indirect, number++, other.Question);
        if (ProbeLabeller.HasTriple(fact))
        {
            yield return New(
                fact,
                ProbeCategory.Indirect,
                number++,
                $"Whose {Words(fact.Relation)} is {fact.Object}?"
            ) with
            {
                Expected = [fact.Subject],
                IsReverse = true,
            };
        }

        var described = ProbeLabeller.HasTriple(fact) ? others.Where(ProbeLabeller.HasTriple).ToArray() : [];
        foreach (var (a, b) in described.Zip(described.Skip(1)).Take(options.ProbesPerCategory))
        {
            yield return New(
                fact,
                ProbeCategory.Implied,
                number++,
                $"The person whose {Words(a.Relation)} is {a.Object} and whose {Words(b.Relation)} is {b.Object}: what "
                    + $"is their {Words(fact.Relation)}?"
            );
        }

        foreach (
            var probe in WithSteps(fact, [.. others.Take(options.ChainLength).Select(other => other.Question)], options)
        )
            yield return probe;
    }

    /// <summary>A question for a fact in plain words.</summary>
    internal static SleekProbe Direct(Fact fact, int number, string text) =>
        New(fact, ProbeCategory.Direct, number, text);

    /// <summary>A probe that is after a fact's object.</summary>
    internal static SleekProbe New(Fact fact, ProbeCategory category, int number, string text) =>
        new()
        {
            Id = string.Create(
                CultureInfo.InvariantCulture,
                $"{fact.Id}/{category.ToString().ToLowerInvariant()}/{number}"
            ),
            FactId = fact.Id,
            Scope = fact.Scope,
            Category = category,
            Text = text,
            KnowledgePoint = fact.Answer,
            Expected = [fact.Object, .. fact.Aliases],
        };

    private static string Words(string relation) => relation.Replace('_', ' ').Replace('-', ' ');
}
