namespace Palimpsest.Foundation;

/// <summary>Values that could stand in the place of a right one: those of the same relation of others; where they are
/// fewer than three, other places for a place, people for a person, organisations and works likewise; for days, years
/// and numbers also ones nearby, none later than the latest year of the facts.</summary>
/// <remarks>A value that a subject has for the relation is never wrong for it, nor is one that holds the right one or
/// is held by it, nor the subject itself.</remarks>
/// <param name="facts">The facts from which values are taken.</param>
public sealed class WrongValues(IReadOnlyList<ReadFact> facts)
{
    private const int YearsAround = 15;
    private const int LeastOfRelation = 3;

    private readonly int _latestYear = facts.Select(Year).DefaultIfEmpty(0).Max();

    /// <summary>Wrong values for a fact, all different; fewer than asked for, or none, where there are no
    /// more.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="count">Most values, at least 1.</param>
    /// <param name="random">The draw.</param>
    public IReadOnlyList<string> For(ReadFact fact, int count, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(fact);
        ArgumentNullException.ThrowIfNull(random);
        string[] right =
        [
            fact.Subject,
            fact.Value,
            .. fact.Aliases,
            .. facts
                .Where(other => other.Subject == fact.Subject && other.Relation == fact.Relation)
                .SelectMany(other => other.Aliases.Prepend(other.Value)),
        ];
        var found = new List<string>();
        Take(fact.WrongValues, count);
        Take(random.Shuffled(Values(other => other.Relation == fact.Relation)), count);
        if (IsMeasure(fact.Kind))
            Take(Nearby(fact, random), count);
        else if (fact.Kind is ValueKind.Place or ValueKind.Person or ValueKind.Organisation or ValueKind.Work)
            Take(
                random.Shuffled(Values(other => other.Kind == fact.Kind && other.Relation != fact.Relation)),
                Math.Min(count, LeastOfRelation)
            );
        return found;

        void Take(IEnumerable<string> values, int most)
        {
            foreach (var value in values)
            {
                if (found.Count < most && !right.Concat(found).Any(other => Overlaps(other, value)))
                    found.Add(value);
            }
        }
    }

    private IEnumerable<string> Values(Func<ReadFact, bool> which) =>
        facts.Where(which).Select(other => other.Value).Distinct(StringComparer.Ordinal);

    private static bool IsMeasure(ValueKind kind) => kind is ValueKind.Date or ValueKind.Year or ValueKind.Number;

    private static bool Overlaps(string a, string b)
    {
        if (ValueText.KindOf(a) is { } kind && IsMeasure(kind) && ValueText.KindOf(b) == kind)
            return a == b || ValueText.Aliases(kind, a).Contains(b);
        var (first, second) = ($" {SameText.Key(a)} ", $" {SameText.Key(b)} ");
        return first.Contains(second, StringComparison.Ordinal) || second.Contains(first, StringComparison.Ordinal);
    }

    private IEnumerable<string> Nearby(ReadFact fact, SeededRandom random)
    {
        if (fact.Kind == ValueKind.Date)
            return Days(fact.Value, random);
        if (NumberWords.Read(fact.Value) is not { } number)
            return [];
        var around = fact.Kind == ValueKind.Year ? YearsAround : Math.Max(3, number / 5);
        return random
            .Shuffled(Enumerable.Range(number - around, (2 * around) + 1).Where(other => other > 0 && other != number))
            .Where(other => fact.Kind != ValueKind.Year || other <= _latestYear)
            .Select(other => NumberWords.Like(fact.Value, other));
    }

    private IEnumerable<string> Days(string value, SeededRandom random)
    {
        if (DateText.Read(value) is not { } day)
            yield break;
        const int tries = 200;
        for (var i = 0; i < tries; i++)
        {
            var offset = random.Below((2 * YearsAround * 365) + 1) - (YearsAround * 365);
            if (day.DayNumber + offset is > 0 and var number && number <= DateOnly.MaxValue.DayNumber)
            {
                var other = DateOnly.FromDayNumber(number);
                if (other.Year <= _latestYear)
                    yield return DateText.Like(value, other);
            }
        }
    }

    private static int Year(ReadFact fact) =>
        fact.Kind switch
        {
            ValueKind.Date => DateText.Read(fact.Value)?.Year ?? 0,
            ValueKind.Year => NumberWords.Read(fact.Value) ?? 0,
            _ => 0,
        };
}
