namespace Palimpsest.Unlearning;

/// <summary>An expression of a text and the generic one that stands in for it.</summary>
/// <param name="Term">What is replaced, for example a hero's name; not empty.</param>
/// <param name="Replacement">A common expression of the same kind; not empty.</param>
public sealed record Anchor(string Term, string Replacement)
{
    /// <summary>What kind of expression it is, for the reader; null where nothing is said.</summary>
    public string? Type { get; init; }
}
