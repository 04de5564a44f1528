namespace Palimpsest.Evaluation;

/// <summary>Shares of values over [0, 1], one step line per model.</summary>
/// <param name="Title">What they show.</param>
/// <param name="XLabel">The horizontal axis.</param>
/// <param name="Values">Values by model.</param>
public sealed record HistogramPart(
    string Title,
    string XLabel,
    IReadOnlyDictionary<string, IReadOnlyList<double>> Values
) : SectionPart;
