namespace Palimpsest.Evaluation;

/// <summary>A test of a planned audit.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Axis">Which question it answers.</param>
/// <param name="Access">What it has to see of the models.</param>
/// <param name="Settings">What it is set to; empty when the options say it.</param>
/// <param name="NotMade">Why it cannot be made; null when it can.</param>
public sealed record PlannedTest(string Name, AuditAxis Axis, ModelAccess Access, string Settings, string? NotMade);
