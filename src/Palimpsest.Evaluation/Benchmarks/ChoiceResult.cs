namespace Palimpsest.Evaluation;

/// <summary>What a multiple-choice benchmark found.</summary>
/// <param name="Items">One per question, in order.</param>
public sealed record ChoiceResult(IReadOnlyList<ChoiceItem> Items)
{
    /// <summary>Share of questions answered rightly, by group, in the order of the file.</summary>
    public IReadOnlyDictionary<string, Rate> Accuracy { get; } =
        Items
            .GroupBy(item => item.Group)
            .ToDictionary(group => group.Key, group => new Rate(group.Count(item => item.IsRight), group.Count()));

    /// <summary>Accuracy of a guess, by group: the mean of one over the number of answers.</summary>
    public IReadOnlyDictionary<string, double> Chance { get; } =
        Items
            .GroupBy(item => item.Group)
            .ToDictionary(group => group.Key, group => group.Average(item => 1.0 / item.Scores.Count));
}
