namespace Palimpsest.Evaluation;

/// <summary>What a benchmark found of one model.</summary>
/// <param name="Benchmark">The benchmark's name.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Scores">Its numbers, in order.</param>
/// <param name="Items">What each row gave.</param>
public sealed record BenchmarkResult(
    string Benchmark,
    string Model,
    IReadOnlyList<BenchmarkScore> Scores,
    IReadOnlyList<BenchmarkItem> Items
)
{
    /// <summary>A score.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public BenchmarkScore this[string name] =>
        Scores.FirstOrDefault(score => score.Name == name)
        ?? throw new KeyNotFoundException(
            $"{Benchmark} has no score '{name}'; it has {string.Join(", ", Scores.Select(score => score.Name))}."
        );

    /// <summary>The items of every score with a meaning, in order.</summary>
    public IReadOnlyList<BenchmarkItem> ItemsOf(ScoreMeaning meaning)
    {
        var names = Scores.Where(score => score.Meaning == meaning).Select(score => score.Name).ToHashSet();
        return [.. Items.Where(item => names.Contains(item.Score))];
    }
}
