namespace Palimpsest.Evaluation;

/// <summary>A sentence or two.</summary>
/// <param name="Text">Plain text.</param>
public sealed record TextPart(string Text) : SectionPart;
