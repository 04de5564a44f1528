namespace Palimpsest.Evaluation;

/// <summary>The beginning of a text that was to be forgotten, and how it goes on.</summary>
/// <param name="Prompt">The beginning.</param>
/// <param name="Rest">The rest.</param>
public sealed record MuseContinuation(string Prompt, string Rest);
