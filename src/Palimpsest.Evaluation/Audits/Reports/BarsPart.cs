namespace Palimpsest.Evaluation;

/// <summary>Shares with intervals as horizontal bars.</summary>
/// <param name="Title">What they show.</param>
/// <param name="Bars">From top to bottom.</param>
public sealed record BarsPart(string Title, IReadOnlyList<ReportBar> Bars) : SectionPart
{
    /// <summary>Shares at which a dotted line is drawn.</summary>
    public IReadOnlyList<double> Thresholds { get; init; } = [];
}
