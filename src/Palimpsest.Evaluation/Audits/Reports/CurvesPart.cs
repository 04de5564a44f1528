namespace Palimpsest.Evaluation;

/// <summary>Lines in the unit square.</summary>
/// <param name="Title">What they show.</param>
/// <param name="XLabel">The horizontal axis.</param>
/// <param name="YLabel">The vertical axis.</param>
/// <param name="Lines">Points (x, y) by model.</param>
public sealed record CurvesPart(
    string Title,
    string XLabel,
    string YLabel,
    IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<double>>> Lines
) : SectionPart
{
    /// <summary>Whether the diagonal is drawn: what guessing gives.</summary>
    public bool HasDiagonal { get; init; }
}
