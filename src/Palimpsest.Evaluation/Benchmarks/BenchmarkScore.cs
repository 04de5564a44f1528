using System.Text.Json.Serialization;

namespace Palimpsest.Evaluation;

/// <summary>One number of a benchmark.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Meaning">What a high value says.</param>
/// <param name="Level">The number with its interval and count.</param>
public sealed record BenchmarkScore(string Name, ScoreMeaning Meaning, MeasuredLevel Level)
{
    /// <summary>What a guess would give; null where that is not known.</summary>
    [WhenMissing("what a guess gives is not known")]
    public double? Chance { get; init; }

    /// <summary>Share of the replies that decline; null where nothing is said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Rate? Refused { get; init; }

    /// <summary>The mean of the items of a score: with Wilson's interval where every value is 0 or 1, else with the
    /// bootstrap's. Where items have groups it is the mean of the groups' means, and groups are drawn again.</summary>
    /// <param name="name">The score's name.</param>
    /// <param name="meaning">What a high value says.</param>
    /// <param name="items">Items of several scores; those of this one are taken, and those without a value are left
    /// out.</param>
    /// <param name="chance">What a guess would give.</param>
    /// <param name="replies">Whether the items are replies, of which some may decline.</param>
    public static BenchmarkScore Of(
        string name,
        ScoreMeaning meaning,
        IReadOnlyList<BenchmarkItem> items,
        double? chance = null,
        bool replies = false
    )
    {
        BenchmarkItem[] own = [.. items.Where(item => item.Score == name)];
        double[][] groups =
        [
            .. own.Where(item => !double.IsNaN(item.Value))
                .GroupBy(item => item.Group, StringComparer.Ordinal)
                .Select(group => group.Select(item => item.Value).ToArray()),
        ];
        return new(name, meaning, LevelOf(groups))
        {
            Chance = chance,
            Refused = replies ? new Rate(own.Count(item => item.Refused), own.Length) : null,
        };
    }

    private static MeasuredLevel LevelOf(double[][] groups)
    {
        if (groups.Length == 0)
            return MeasuredLevel.Missing("no row could be measured");
        if (groups.Length > 1)
        {
            double[] means = [.. groups.Select(group => group.Average())];
            return MeasuredLevel.FromValues(means) with { N = groups.Sum(group => group.Length) };
        }

        var values = groups[0];
        return values.All(value => value is 0 or 1)
            ? MeasuredLevel.FromRate(new((int)values.Sum(), values.Length))
            : MeasuredLevel.FromValues(values);
    }
}
