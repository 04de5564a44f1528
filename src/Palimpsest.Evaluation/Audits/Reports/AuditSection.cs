namespace Palimpsest.Evaluation;

/// <summary>A card of a report: what one test has to show.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Parts">Figures, tables and sentences, in order.</param>
public sealed record AuditSection(string Title, IReadOnlyList<SectionPart> Parts)
{
    /// <summary>True for a card that takes the whole width of a page.</summary>
    public bool IsWide { get; init; }
}
