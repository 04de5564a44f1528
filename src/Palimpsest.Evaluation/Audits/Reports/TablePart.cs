namespace Palimpsest.Evaluation;

/// <summary>A table of texts.</summary>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">Cells; a row of one cell is a heading over all columns.</param>
public sealed record TablePart(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) : SectionPart
{
    /// <summary>Columns that hold texts, counted from the left; those after them hold numbers.</summary>
    public int TextColumns { get; init; } = 1;

    /// <summary>A line that folds the table away; null for a table that is always shown.</summary>
    public string? FoldedUnder { get; init; }
}
