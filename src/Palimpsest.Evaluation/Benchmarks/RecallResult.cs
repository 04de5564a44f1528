namespace Palimpsest.Evaluation;

/// <summary>What a recall benchmark found.</summary>
/// <param name="Judge">The judge's name.</param>
/// <param name="Items">One per question, in order.</param>
public sealed record RecallResult(string Judge, IReadOnlyList<RecallItem> Items)
{
    /// <summary>Share of questions to which the reply states the fact, by group.</summary>
    public IReadOnlyDictionary<string, Rate> Accuracy => Rates(Verdict.Stated);

    /// <summary>Share of questions that are refused, by group.</summary>
    public IReadOnlyDictionary<string, Rate> Refusals => Rates(Verdict.Refused);

    private Dictionary<string, Rate> Rates(Verdict verdict) =>
        Items
            .GroupBy(item => item.Group)
            .ToDictionary(
                group => group.Key,
                group => new Rate(group.Count(item => item.Verdict == verdict), group.Count())
            );
}
