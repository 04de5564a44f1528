using System.Text;

namespace Palimpsest.Foundation;

/// <summary>Makes facts and rows of what was read from texts.</summary>
public static class FactWriting
{
    /// <summary>Reads sets by rule and writes their facts and rows.</summary>
    /// <exception cref="InputException">Two sets ask the same question, or nothing was read from a set.</exception>
    public static WrittenFacts ByRule(IReadOnlyList<KnowledgeSet> sets, PerturbOptions options)
    {
        ArgumentNullException.ThrowIfNull(sets);
        return Write(sets, KnowledgeReader.Read([.. sets.Select(set => set.Texts)]), options);
    }

    /// <summary>Writes the facts and rows of sets that were read.</summary>
    /// <param name="sets">The sets.</param>
    /// <param name="read">What was read from each, in order.</param>
    /// <param name="options">How candidates are drawn.</param>
    /// <exception cref="InputException">Two sets ask the same question, or nothing was read from a set.</exception>
    public static WrittenFacts Write(
        IReadOnlyList<KnowledgeSet> sets,
        IReadOnlyList<ReadSet> read,
        PerturbOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(options);
        var unread = new List<UnreadText>();
        ReadFact[][] kept = [.. read.Select(set => Distinct(set, unread))];
        RequireSome(sets, kept);
        var wrong = new WrongValues([.. kept.SelectMany(facts => facts)]);
        var (facts, ids) = (new List<Fact>(), new Dictionary<string, int>(StringComparer.Ordinal));
        for (var set = 0; set < sets.Count; set++)
        {
            if (sets[set].Scope is not { } scope)
                continue;
            facts.AddRange(kept[set].Select(fact => Fact(fact, scope, NewId(fact, ids), Draw(fact, facts.Count))));
        }

        return new(
            facts,
            sets.Zip(kept)
                .ToDictionary(
                    pair => pair.First.Name,
                    pair =>
                        (IReadOnlyList<QuestionAnswer>)
                            [
                                .. pair.Second.Select(fact => new QuestionAnswer
                                {
                                    Question = fact.Question,
                                    Answer = fact.Answer,
                                }),
                            ]
                ),
            unread
        );

        IReadOnlyList<string> Draw(ReadFact fact, int number) =>
            wrong.For(fact, options.WrongAnswers, new(SeededRandom.Derive(options.Seed, (ulong)number)));
    }

    // A question has one answer: a second fact that asks it cannot be told from the first.
    private static ReadFact[] Distinct(ReadSet set, List<UnreadText> unread)
    {
        unread.AddRange(set.Unread);
        var (kept, seen) = (new List<ReadFact>(), new Dictionary<string, ReadFact>(StringComparer.Ordinal));
        foreach (var fact in set.Facts.OfType<ReadFact>())
        {
            if (fact.Subject.Length == 0)
                unread.Add(new(fact.Place, fact.Question, "its question names nobody"));
            else if (seen.TryAdd(SameText.Key(fact.Question), fact))
                kept.Add(fact);
            else
                unread.Add(
                    new(
                        fact.Place,
                        fact.Answer,
                        $"'{fact.Question}' is asked for {seen[SameText.Key(fact.Question)].Place} already, and a "
                            + "question has one answer"
                    )
                );
        }

        return [.. kept];
    }

    private static void RequireSome(IReadOnlyList<KnowledgeSet> sets, ReadFact[][] kept)
    {
        for (var set = 0; set < sets.Count; set++)
        {
            if (kept[set].Length == 0)
                throw new InputException(
                    $"{sets[set].Name}: no fact could be read from {sets[set].Texts.Count} texts; the first is "
                        + $"{JsonField.Shown(sets[set].Texts[0].Text)}, read are sentences such as 'Ada Lind was born "
                        + "in Velmora.'"
                );
        }

        RowSet.RequireDisjoint([
            .. sets.Zip(kept)
                .Select(pair => new RowSet(
                    pair.First.Name,
                    [
                        .. pair.Second.Select(fact => new QuestionAnswer
                        {
                            Question = fact.Question,
                            Answer = fact.Answer,
                        }),
                    ]
                )),
        ]);
    }

    private static Fact Fact(ReadFact fact, FactScope scope, string id, IReadOnlyList<string> wrong) =>
        new()
        {
            Id = id,
            Scope = scope,
            Subject = fact.Subject,
            Relation = fact.Relation,
            Object = fact.Value,
            Aliases = fact.Aliases,
            Question = fact.Question,
            Answer = fact.Answer,
            Paraphrases = fact.OtherQuestion is { } other ? [other] : [],
            Candidates = wrong.Count == 0 ? [] : [.. wrong.Append(fact.Value).Order(StringComparer.Ordinal)],
        };

    private static string NewId(ReadFact fact, Dictionary<string, int> ids)
    {
        var id = $"{Slug(fact.Subject)}-{Slug(fact.Relation)}";
        var count = ids[id] = ids.GetValueOrDefault(id) + 1;
        return count == 1 ? id : FormattableString.Invariant($"{id}-{count}");
    }

    private static string Slug(string text)
    {
        var slug = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
                slug.Append(Rune.ToLowerInvariant(rune));
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        return slug.ToString().TrimEnd('-');
    }
}
