namespace Palimpsest.Evaluation;

/// <summary>What one row gives to one score.</summary>
/// <param name="Score">The score's name.</param>
/// <param name="Id">The row's id.</param>
/// <param name="Value">What it adds to the score's mean; NaN where the row cannot be measured.</param>
public sealed record BenchmarkItem(string Score, string Id, double Value)
{
    /// <summary>What rows are averaged over first, for example a person; empty where all rows are one group.</summary>
    public string Group { get; init; } = "";

    /// <summary>What the model was shown; empty where that is the row's own text.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>What was expected.</summary>
    public string Expected { get; init; } = "";

    /// <summary>What it said, or the option that it found likeliest.</summary>
    public string Said { get; init; } = "";

    /// <summary>True when it declined to answer: a refusal is a verdict of its own, whatever the value is.</summary>
    public bool Refused { get; init; }
}
