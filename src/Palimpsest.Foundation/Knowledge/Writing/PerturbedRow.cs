namespace Palimpsest.Foundation;

/// <summary>A row with what could be added to it.</summary>
/// <param name="Row">The row; what it had before is as it was.</param>
/// <param name="Missing">What is not there, with the reason; empty when nothing is missing.</param>
public sealed record PerturbedRow(QuestionAnswer Row, IReadOnlyList<string> Missing);
